package dev.postern.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.fakes.FakeRam;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;

class PhysicalMemoryTest {

    private final PhysicalMemory memory = FakeRam.memory(0, 0x4000, 0x10000, 0x2000, 0x12000, 0x1000);

    @Test
    void aSliceIsTheRamAtThatAddress() {
        MemorySegment slice = memory.slice(0x10ffe, 4);
        slice.set(ValueLayout.JAVA_BYTE, 3, (byte) 7);
        assertEquals(4, slice.byteSize());
        assertEquals(7, memory.regions().get(1).segment().get(ValueLayout.JAVA_BYTE, 0x1001));
    }

    @Test
    void sizeIsTheSumOfTheRegions() {
        assertEquals(0x7000, memory.size());
    }

    @Test
    void aRangeIsNotInRamWhenItTouchesAHoleOrSpansTwoRegions() {
        assertFalse(memory.contains(0x3fff, 2));
        assertFalse(memory.contains(0x5000, 1));
        assertFalse(memory.contains(0x11fff, 2));
        assertFalse(memory.contains(-1, 1));
        assertFalse(memory.contains(0, -1));
        assertTrue(memory.contains(0x11fff, 1));
        assertTrue(memory.contains(0x12000, 0x1000));
    }

    @Test
    void theErrorNamesTheRangeAndTheRam() {
        NotRamException error = assertThrows(NotRamException.class, () -> memory.slice(0x3fff, 2));
        assertEquals(
                "0x3fff, length 0x2, is not inside one RAM region; RAM is 0x0-0x3fff, 0x10000-0x11fff, 0x12000-0x12fff",
                error.getMessage());
    }

    @Test
    void overlapIsSeenAtTheEdges() {
        assertTrue(memory.overlaps(new PhysRange(0x3fff, 0x1000)));
        assertFalse(memory.overlaps(new PhysRange(0x4000, 0xc000)));
    }

    @Test
    void regionsOutOfOrderOrNoneAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new PhysicalMemory(List.of()));
        assertThrows(IllegalArgumentException.class, () -> FakeRam.memory(0x2000, 0x1000, 0, 0x1000));
        assertThrows(IllegalArgumentException.class, () -> FakeRam.memory(0, 0x2000, 0x1000, 0x1000));
    }
}
