package dev.postern.emulated;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

class FirstReadTest {

    @Test
    void aSectorOfASeededDiskReachesTheGuest() {
        try (EmulatedMachine machine =
                EmulatedMachine.builder().device(SeededDisk.of(1 << 20, 42)).build()) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(PokedDevice.VERSION_1);

            assertEquals(0, disk.request(0, 7, 512));

            byte[] expected = new byte[512];
            SeededContent.fill(42, 7 * 512, MemorySegment.ofArray(expected));
            assertArrayEquals(expected, disk.data(512));
            assertEquals(513, disk.usedLength(0));
            assertEquals(List.of(), machine.guestErrors());
        }
    }
}
