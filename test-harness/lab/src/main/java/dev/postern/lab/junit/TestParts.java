package dev.postern.lab.junit;

import dev.postern.boot.BootedGuest;
import dev.postern.boot.DeviceReport;
import dev.postern.dma.DmaContext;
import dev.postern.dma.debug.DmaLedger;
import dev.postern.lab.LabMachine;
import dev.postern.lab.Trial;
import dev.postern.lab.spec.Choice;
import dev.postern.lab.spec.WrongWordException;
import dev.postern.machine.Machine;
import dev.postern.quirks.decision.Decision;
import dev.postern.quirks.decision.Explanation;
import dev.postern.virtio.blk.BlkDevice;
import dev.postern.virtio.device.VirtioDriver;
import dev.postern.virtio.rng.RngDevice;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.extension.ParameterResolutionException;

/** The parts of a booted guest that a test can ask for, by type. */
final class TestParts {

    private static final String CONTEXT_NAME = "test";

    /** A part, given the name of a device if the test says one. */
    @FunctionalInterface
    private interface Source {
        Object find(TestParts parts, Optional<String> device);
    }

    private static final Map<Class<?>, Source> SOURCES = Map.of(
            Trial.class, (parts, _) -> parts.trial,
            LabMachine.class, (parts, _) -> parts.trial.machine(),
            Machine.class, (parts, _) -> parts.trial.machine().machine(),
            BootedGuest.class, (parts, _) -> parts.trial.guest(),
            DmaLedger.class, (parts, _) -> parts.trial.ledger(),
            DmaContext.class, (parts, device) -> parts.trial.openContext(device.orElse(CONTEXT_NAME)),
            BlkDevice.class,
                    (parts, device) -> parts.live("blk", parts.trial.guest().disks(), device),
            RngDevice.class,
                    (parts, device) -> parts.live("rng", parts.trial.guest().rngs(), device),
            DeviceReport.class, TestParts::report,
            Decision.class, TestParts::decision);

    private final Trial trial;
    private final TestGuest guest;

    /** The parts of a guest. */
    TestParts(Trial trial, TestGuest guest) {
        this.trial = trial;
        this.guest = guest;
    }

    /** Whether there is a part of a type. */
    static boolean has(Class<?> type) {
        return type == Explanation.class || SOURCES.containsKey(type);
    }

    /** The guest under watch. */
    Trial trial() {
        return trial;
    }

    /**
     * A part.
     *
     * @param type one that {@link #has}
     * @param device the name of the device it is about, if the test gives one
     * @throws ParameterResolutionException when there is none, or it is not clear which
     */
    Object part(Class<?> type, Optional<String> device) {
        try {
            return type == Explanation.class
                    ? decision(device).explanation()
                    : SOURCES.get(type).find(this, device);
        } catch (WrongWordException e) {
            throw new ParameterResolutionException(e.getMessage(), e);
        }
    }

    private <T extends VirtioDriver> T live(String kind, List<T> drivers, Optional<String> device) {
        DeviceReport report = one(
                kind,
                trial.guest().devices().stream()
                        .filter(each -> each.type().name().equals(kind))
                        .toList(),
                device);
        return drivers.stream()
                .filter(driver -> driver.name().equals(report.name()))
                .findFirst()
                .orElseThrow(() -> new ParameterResolutionException(
                        "%s is not live, but %s: %s".formatted(report.name(), report.outcome(), report.why())));
    }

    private DeviceReport report(Optional<String> device) {
        return one("virtio", trial.guest().devices(), device);
    }

    private Decision decision(Optional<String> device) {
        DeviceReport report = report(device);
        return report.decision()
                .orElseThrow(() -> new ParameterResolutionException(
                        "%s came to no decision: %s".formatted(report.name(), report.why())));
    }

    private static DeviceReport one(String kind, List<DeviceReport> reports, Optional<String> device) {
        Function<DeviceReport, String> name = DeviceReport::name;
        if (device.isPresent()) {
            return new Choice<>(kind + " device of this guest", reports, name).named(device.get());
        }
        if (reports.size() == 1) {
            return reports.getFirst();
        }
        throw new ParameterResolutionException(
                reports.isEmpty()
                        ? "this guest has no %s device: add one to devices, such as \"%s\""
                                .formatted(kind, kind.equals("rng") ? "rng" : "blk,size=4M")
                        : "which of %s: say @DeviceName(\"%s\") before the parameter"
                                .formatted(
                                        reports.stream().map(name).toList(),
                                        reports.getFirst().name()));
    }
}
