package dev.postern.emulated.storage;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class KernelLocksTest {

    private static final List<String> LINES = List.of(
            "1: OFDLCK ADVISORY  READ -1 fe:00:77 100 101",
            "2: POSIX  ADVISORY  WRITE 50 fe:00:78 200 EOF",
            "2: -> POSIX  ADVISORY  WRITE 51 fe:00:79 0 EOF",
            "3: FLOCK  ADVISORY  WRITE 52 fe:00:177 0 EOF");

    @Test
    void aLockThatCoversTheByteIsSeen() {
        assertTrue(KernelLocks.held(LINES, "77", "1", Set.of(101, 103)));
        assertTrue(KernelLocks.held(LINES, "78", "1", Set.of(201)));
    }

    @Test
    void otherBytesFilesAndOwnLocksAreNot() {
        assertFalse(KernelLocks.held(LINES, "77", "1", Set.of(102)));
        assertFalse(KernelLocks.held(LINES, "7", "1", Set.of(101)));
        assertFalse(KernelLocks.held(LINES, "78", "50", Set.of(201)));
    }

    @Test
    void aWaiterHoldsNothing() {
        assertFalse(KernelLocks.held(LINES, "79", "1", Set.of(100)));
    }
}
