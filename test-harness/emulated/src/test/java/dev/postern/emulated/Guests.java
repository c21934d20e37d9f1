package dev.postern.emulated;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;

/** What several tests set up or check the same way. */
final class Guests {

    private Guests() {}

    /** A machine with one seeded disk of 1 MiB, seed 42. */
    static EmulatedMachine withDisk(VirtioOptions options) {
        return EmulatedMachine.builder()
                .device(SeededDisk.of(1 << 20, 42).id("d0").virtio(options))
                .build();
    }

    static EmulatedMachine withDisk() {
        return withDisk(VirtioOptions.DEFAULTS);
    }

    static List<String> clauses(EmulatedMachine machine) {
        return machine.guestErrors().stream().map(GuestError::clause).toList();
    }

    static void assertClause(EmulatedMachine machine, String clause) {
        assertTrue(clauses(machine).contains(clause), () -> "expected " + clause + " in " + machine.guestErrors());
    }
}
