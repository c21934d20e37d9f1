package dev.postern.emulated;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RngTest {

    private static PokedDevice start(EmulatedMachine machine) {
        return PokedDevice.first(machine, 4).start(PokedDevice.VERSION_1);
    }

    private static int fill(PokedDevice rng, int length) {
        int before = rng.usedIndex();
        rng.ram.asSlice(rng.data(), length + 8L).fill((byte) 0);
        rng.descriptor(0, rng.data(), length, PokedDevice.WRITE, 0);
        rng.offer(0);
        rng.kick(0);
        assertTrue(rng.waitUsed(before + 1));
        return rng.usedLength(before);
    }

    @Test
    void aWholeBufferIsFilledAndNothingBehindIt() {
        try (EmulatedMachine machine =
                EmulatedMachine.builder().device(Rng.of()).build()) {
            PokedDevice rng = start(machine);
            assertEquals(61, fill(rng, 61));
            byte[] first = rng.data(69);
            assertFalse(Arrays.equals(new byte[8], Arrays.copyOfRange(first, 53, 61)));
            assertTrue(Arrays.equals(new byte[8], Arrays.copyOfRange(first, 61, 69)));
            fill(rng, 61);
            assertFalse(Arrays.equals(first, rng.data(69)), "the same bytes twice");
            assertEquals(0, rng.config, "no device configuration");
            assertEquals(List.of(), machine.guestErrors());
        }
    }

    @Test
    void aShortFillIsNeverEmptyAndNeverTooLong() {
        try (EmulatedMachine machine =
                EmulatedMachine.builder().device(Rng.of().fill(RngFill.SHORT)).build()) {
            PokedDevice rng = start(machine);
            Set<Integer> lengths = new HashSet<>();
            for (int i = 0; i < 100; i++) {
                int length = fill(rng, 16);
                assertTrue(length >= 1 && length <= 16, "length " + length);
                lengths.add(length);
            }
            assertTrue(lengths.size() > 5, lengths::toString);
        }
    }

    @Test
    void aReadableBufferIsNoted() {
        try (EmulatedMachine machine =
                EmulatedMachine.builder().device(Rng.of()).build()) {
            PokedDevice rng = start(machine);
            rng.descriptor(0, rng.data(), 16, 0, 0);
            rng.offer(0);
            rng.kick(0);
            assertTrue(rng.waitUsed(1));
            assertEquals(0, rng.usedLength(0));
            assertEquals(List.of("entropy:34"), Guests.clauses(machine));
        }
    }
}
