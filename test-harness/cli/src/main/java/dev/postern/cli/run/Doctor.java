package dev.postern.cli.run;

import com.sun.management.OperatingSystemMXBean;
import dev.postern.app.Progress;
import dev.postern.attach.QemuProbe;
import dev.postern.attach.QemuUnavailableException;
import dev.postern.attach.StorageProbe;
import dev.postern.boot.BootException;
import dev.postern.boot.BootOptions;
import dev.postern.cli.Failure;
import dev.postern.lab.LabDevice;
import dev.postern.lab.MachineKind;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Finds out what works here. */
public final class Doctor {

    private static final long SMALL_RAM = 16L << 20;

    private Doctor() {}

    /** Looks, and boots a small guest on the emulated machine. */
    public static Checkup examine() {
        return new Checkup(List.of(emulated(), qemu(), vhostUser()), host());
    }

    private static Checkup.Bench emulated() {
        String name = MachineKind.EMULATED.label();
        BootRecord record = new BootRecord();
        try {
            BootListener nobody = new SilentListener();
            new BootRun(smallBoot(), nobody, new ApplicationWork(List.of(), nobody, Progress.NONE, record), record)
                    .run();
        } catch (BootException | IOException | RuntimeException e) {
            record.failed(Failure.of(e));
        }
        return record.failures().stream()
                .findFirst()
                .map(failure -> new Checkup.Bench(
                        name,
                        Checkup.Condition.BROKEN,
                        failure.message(),
                        Optional.of("run postern boot and report what it says")))
                .orElseGet(() -> new Checkup.Bench(name, Checkup.Condition.WORKS, "in this process", Optional.empty()));
    }

    private static BootRequest smallBoot() {
        return BootRequest.of(
                MachineChoice.EMULATED,
                BootRequest.PLAIN,
                BootOptions.defaults(),
                List.of(new LabDevice.Rng("rng0")),
                List.of(),
                SMALL_RAM,
                OptionalLong.empty());
    }

    private static Checkup.Bench qemu() {
        String name = MachineKind.QEMU_Q35.label();
        Optional<String> remedy = Optional.of("apt install " + QemuProbe.DEBIAN_PACKAGE);
        try {
            return QemuProbe.look()
                    .map(probe -> new Checkup.Bench(
                            name,
                            Checkup.Condition.WORKS,
                            "QEMU %s, %s".formatted(probe.version(), probe.program()),
                            Optional.empty()))
                    .orElseGet(() -> new Checkup.Bench(name, Checkup.Condition.ABSENT, "no QEMU on PATH", remedy));
        } catch (QemuUnavailableException e) {
            return new Checkup.Bench(name, Checkup.Condition.BROKEN, e.getMessage(), remedy);
        }
    }

    private static Checkup.Bench vhostUser() {
        String name = MachineKind.VHOST_USER.label();
        Optional<String> remedy = Optional.of("apt install " + StorageProbe.DEBIAN_PACKAGE);
        try {
            return StorageProbe.look()
                    .map(probe -> new Checkup.Bench(
                            name,
                            Checkup.Condition.WORKS,
                            "qemu-storage-daemon %s, %s".formatted(probe.version(), probe.program()),
                            Optional.empty()))
                    .orElseGet(() -> new Checkup.Bench(
                            name,
                            Checkup.Condition.ABSENT,
                            "no qemu-storage-daemon on PATH; vhost-user:SOCKET needs none",
                            remedy));
        } catch (QemuUnavailableException e) {
            return new Checkup.Bench(name, Checkup.Condition.BROKEN, e.getMessage(), remedy);
        }
    }

    private static Checkup.Host host() {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        return new Checkup.Host(
                Runtime.version().toString(),
                System.getProperty("java.home"),
                Runtime.getRuntime().availableProcessors(),
                system == null ? 0 : system.getTotalMemorySize(),
                system == null ? 0 : system.getFreeMemorySize(),
                HugePagePool.now());
    }
}
