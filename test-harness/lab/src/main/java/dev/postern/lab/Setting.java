package dev.postern.lab;

import dev.postern.virtio.InterruptMode;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Where and how a test runs.
 *
 * @param machine on which machine
 * @param interrupts how drivers learn of used buffers
 * @param contexts which DMA contexts devices get
 */
public record Setting(MachineKind machine, InterruptMode interrupts, ContextKind contexts) {

    /** Every combination. */
    public static Stream<Setting> all() {
        return Arrays.stream(MachineKind.values())
                .flatMap(machine -> Arrays.stream(InterruptMode.values())
                        .flatMap(interrupts -> Arrays.stream(ContextKind.values())
                                .map(contexts -> new Setting(machine, interrupts, contexts))));
    }

    /** Every combination with audited contexts. */
    public static Stream<Setting> audited() {
        return all().filter(setting -> setting.contexts() == ContextKind.AUDITED);
    }

    /** Every combination on the emulated machine. */
    public static Stream<Setting> emulated() {
        return all().filter(setting -> setting.machine() == MachineKind.EMULATED);
    }

    @Override
    public String toString() {
        return "%s, %s, %s".formatted(machine, interrupts, contexts).toLowerCase(Locale.ROOT);
    }
}
