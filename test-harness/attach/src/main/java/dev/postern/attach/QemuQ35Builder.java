package dev.postern.attach;

import dev.postern.machine.MachineDiedException;
import dev.postern.os.ChildProcess;
import dev.postern.os.MemoryFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Says what a QEMU machine is to be, and starts it. Used by one thread. */
public final class QemuQ35Builder {

    private static final Duration START = Duration.ofSeconds(30);

    private static final String NO_SECRETS =
            "The platform is plain: QEMU maps all RAM, and runs as this JVM's own user.";

    private long ramBytes = 128 * RamLayout.MIB;
    private OptionalLong lowRamBytes = OptionalLong.empty();
    private SecurePlatform platform = SecurePlatform.PLAIN;
    private OptionalLong windowBytes = OptionalLong.empty();
    private final List<QemuDevice> devices = new ArrayList<>();
    private final List<String> extraWords = new ArrayList<>();

    QemuQ35Builder() {}

    /**
     * Sets the size of all RAM, the window and private RAM of a secure platform together.
     *
     * @param bytes whole MiB, 2 MiB to 1 TiB; 128 MiB when not said
     */
    public QemuQ35Builder ramBytes(long bytes) {
        ramBytes = bytes;
        return this;
    }

    /**
     * Sets how much of RAM lies below 4 GiB; the rest begins there. Not for a secure platform, where it is the window.
     *
     * @param bytes whole MiB, 2 MiB to 2 GiB, at most all of RAM; half of it, but no more than 2 GiB, when not said
     */
    public QemuQ35Builder lowRamBytes(long bytes) {
        lowRamBytes = OptionalLong.of(bytes);
        return this;
    }

    /**
     * Sets the platform that the guest finds; plain when not said.
     *
     * <p>On a secure one QEMU's RAM is the window alone, from address 0 on, and the rest is private RAM from 4 GiB on: memory of
     * this JVM, which QEMU does not have and no device address reaches. When this JVM is root, QEMU runs as another
     * user; {@link QemuQ35#isolation()} says so. {@link SecurePlatform} says what this proves, and what it does not.
     */
    public QemuQ35Builder platform(SecurePlatform platform) {
        this.platform = Objects.requireNonNull(platform);
        return this;
    }

    /**
     * Sets how much of RAM can be shared with devices on a secure platform.
     *
     * @param bytes whole MiB, 2 MiB to 2 GiB, and at least 1 MiB less than all of RAM; 64 MiB when not said
     */
    public QemuQ35Builder windowBytes(long bytes) {
        windowBytes = OptionalLong.of(bytes);
        return this;
    }

    /** Adds a device; a bridge or root port comes before what is behind it. */
    public QemuQ35Builder device(QemuDevice device) {
        devices.add(device);
        return this;
    }

    /** Adds words to QEMU's command line that no public method can, for tests of this package. */
    QemuQ35Builder extraWords(String... words) {
        extraWords.addAll(List.of(words));
        return this;
    }

    /**
     * Starts the machine.
     *
     * @throws MachineConfigurationException when it cannot be as asked for; nothing is left behind
     * @throws QemuUnavailableException when there is no QEMU here
     * @throws MachineDiedException when QEMU ended or hung for another reason while it started
     */
    public QemuQ35 build() {
        RamLayout layout = platform == SecurePlatform.PLAIN ? plainLayout() : windowLayout();
        List<BusPlan.Placed> placed = BusPlan.place(devices);
        for (QemuDevice device : devices) {
            if (device instanceof QemuDevice.Disk disk) {
                DiskFile.complaintOfRaw(disk.file(), disk.access()).ifPresent(complaint -> {
                    throw new MachineConfigurationException(
                            "disk '%s': %s: %s".formatted(disk.id(), disk.file(), complaint));
                });
            }
        }
        Path program = QemuProbe.PROGRAM.require();
        GuestMemory memory = null;
        try (MemoryFile firmware = HaltingFirmware.image()) {
            memory = platform == SecurePlatform.PLAIN
                    ? GuestMemory.shared(layout, MemoryFile.create("postern-ram", layout.bytes()))
                    : GuestMemory.withPrivate(
                            layout, MemoryFile.create("postern-window", layout.bytes()), ramBytes - layout.bytes());
            QemuCommandLine line =
                    new QemuCommandLine(program, layout, memory.file().path(), firmware.path());
            placed.forEach(line::device);
            line.words(extraWords);
            return start(line, memory);
        } catch (IOException e) {
            free(memory);
            throw new MachineConfigurationException("%s: %s".formatted(QemuQ35.NAME, e.getMessage()), e);
        } catch (RuntimeException e) {
            free(memory);
            throw e;
        }
    }

    private RamLayout plainLayout() {
        windowBytes.ifPresent(WindowSize::refuseOnPlain);
        return lowRamBytes.isPresent() ? new RamLayout(ramBytes, lowRamBytes.getAsLong()) : RamLayout.halves(ramBytes);
    }

    private RamLayout windowLayout() {
        if (lowRamBytes.isPresent()) {
            throw new MachineConfigurationException(
                    "RAM below 4 GiB is the window on %s: say its size as such".formatted(platform.presetName()));
        }
        long window = WindowSize.checked(windowBytes.orElse(WindowSize.DEFAULT_BYTES), ramBytes);
        return new RamLayout(window, window);
    }

    private static void free(GuestMemory memory) {
        if (memory != null) {
            memory.close();
        }
    }

    private QemuQ35 start(QemuCommandLine line, GuestMemory memory) throws IOException {
        Optional<QemuUser> user = platform == SecurePlatform.PLAIN ? Optional.empty() : Optional.of(QemuUser.here());
        user.ifPresent(chosen -> line.words(chosen.words()));
        try (Rendezvous meeting = Rendezvous.open()) {
            line.sockets(meeting.qtestPath(), meeting.qmpPath());
            ChildProcess qemu = ChildProcess.start(line.asList());
            try {
                return greet(qemu, meeting.accept(qemu, START), memory, user);
            } catch (IOException | MachineDiedException e) {
                RuntimeException why = whyNotStarted(qemu, e);
                qemu.close();
                throw why;
            } catch (RuntimeException e) {
                qemu.close();
                throw e;
            }
        }
    }

    /** QEMU connects first and opens its images later: it is up when it has answered on both sockets. */
    private QemuQ35 greet(ChildProcess qemu, Rendezvous.Sockets sockets, GuestMemory memory, Optional<QemuUser> user)
            throws IOException {
        QemuDeath death = new QemuDeath(QemuQ35.NAME, qemu);
        try (Closing closing = new Closing()) {
            closing.add(sockets.qtest());
            closing.add(sockets.qmp());
            QemuSocket toQtest = closing.add(new QemuSocket(sockets.qtest(), QemuSocket.PATIENCE));
            QemuSocket toQmp = closing.add(new QemuSocket(sockets.qmp(), QemuSocket.PATIENCE));
            QtestClient qtest = new QtestClient(toQtest, death);
            QmpClient qmp = new QmpClient(toQmp, death);
            qmp.greet();
            qtest.interceptInputs(QemuInterruptLines.CONTROLLER);
            if (user.isPresent()) {
                // It has answered on both sockets, so it is past the change of its user.
                user.get().confirm(qemu.pid());
            }
            Optional<SecureCpu> cpu = platform == SecurePlatform.PLAIN
                    ? Optional.empty()
                    : Optional.of(SecureCpu.of(platform, memory, death::afterFault));
            String isolation = user.map(QemuUser::sentence).orElse(NO_SECRETS);
            closing.keep();
            return new QemuQ35(qemu, death, memory, cpu, isolation, qtest, qmp);
        }
    }

    /** QEMU ends with status 1 when it refuses what it was asked for, and says why as its last words. */
    private static RuntimeException whyNotStarted(ChildProcess qemu, Exception noticed) {
        qemu.awaitExit(Duration.ofSeconds(2));
        String words = String.join(" ", qemu.lastLines());
        Optional<String> remedy = remedy(qemu.exitStatus(), words);
        if (remedy.isPresent()) {
            return new MachineConfigurationException(
                    "%s: QEMU refuses: %s: %s".formatted(QemuQ35.NAME, withoutPrefix(words), remedy.get()), noticed);
        }
        return noticed instanceof MachineDiedException died
                ? died
                : new MachineDiedException(
                        "%s did not start: %s; QEMU's %s"
                                .formatted(QemuQ35.NAME, noticed.getMessage(), qemu.describe()),
                        noticed);
    }

    /** What to do about the words that QEMU ended with; empty when it is not the caller who can do something. */
    private static Optional<String> remedy(OptionalInt status, String words) {
        if (words.contains("attempt to add duplicate property")) {
            // It aborts here: a bus is also a property of its bridge, and must not be called like another.
            return Optional.of("use another id");
        }
        if (!status.equals(OptionalInt.of(1))) {
            return Optional.empty();
        }
        // The words of its file driver, for whichever of the permissions is held by another.
        return Optional.of(
                words.contains("Failed to get ")
                        ? "end the other user of the image, or open it read-only in both"
                        : "change what it names here");
    }

    /** Drops the program's name, which says nothing. */
    private static String withoutPrefix(String words) {
        String prefix = QemuProbe.PROGRAM.name() + ": ";
        int at = words.indexOf(prefix);
        return at < 0 ? words : words.substring(at + prefix.length());
    }
}
