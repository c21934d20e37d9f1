package dev.postern.cli.leak;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.machine.RamRegion;
import dev.postern.memory.FrameAllocator;
import dev.postern.memory.FrameRequest;
import dev.postern.memory.PhysRange;
import dev.postern.memory.PhysicalMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class CanaryFieldTest {

    private static final long BASE = 1L << 32;
    private static final long BYTES = 16 << 20;

    private final MemorySegment ram = Arena.ofAuto().allocate(BYTES, 4096);
    private final List<Canary> canaries = Canary.ofSeed(5);

    @Test
    void everyFreeFrameIsFullOfACanaryAndNoOtherIsTouched() {
        FrameAllocator frames = allocator(List.of(new PhysRange(BASE + 8192, 4096)));
        PhysRange taken = frames.allocate(4096, FrameRequest.ANY);
        CanaryField field = CanaryField.plant(frames, canaries);
        assertEquals(BYTES / 4096 - 2, field.plantedFrames());
        for (long at = 0; at < BYTES; at += 4096) {
            boolean free = at != 8192 && BASE + at != taken.basePa();
            assertEquals(free, holdsCanary(at) && holdsCanary(at + 4096 - Canary.BYTES), "at 0x%x".formatted(at));
        }
        canaries.forEach(canary -> assertTrue(
                java.util.stream.LongStream.range(0, BYTES / 4096)
                        .anyMatch(frame -> Arrays.equals(canary.bytes(), bytesAt(frame * 4096))),
                canary.toString()));
    }

    @Test
    void heldFramesAreGivenBackAndTheOthersAreFreeAtOnce() {
        FrameAllocator frames = allocator(List.of());
        CanaryField field = CanaryField.plant(frames, canaries);
        assertTrue(field.heldFrames() > 0);
        assertEquals(BYTES - field.heldFrames() * 4096L, frames.freeBytes());
        field.release();
        assertEquals(BYTES, frames.freeBytes());
    }

    @Test
    void theSameSeedGivesTheSameCanariesAndAnotherSeedOthers() {
        List<Canary> again = Canary.ofSeed(5);
        for (int i = 0; i < canaries.size(); i++) {
            assertArrayEquals(canaries.get(i).bytes(), again.get(i).bytes());
            assertFalse(Arrays.equals(
                    canaries.get(i).bytes(), Canary.ofSeed(6).get(i).bytes()));
        }
        assertFalse(Arrays.equals(canaries.get(0).bytes(), canaries.get(1).bytes()));
    }

    private FrameAllocator allocator(List<PhysRange> reserved) {
        return new FrameAllocator(new PhysicalMemory(List.of(new RamRegion(BASE, ram))), reserved);
    }

    private boolean holdsCanary(long at) {
        byte[] here = bytesAt(at);
        return canaries.stream().anyMatch(canary -> Arrays.equals(canary.bytes(), here));
    }

    private byte[] bytesAt(long at) {
        return ram.asSlice(at, Canary.BYTES).toArray(ValueLayout.JAVA_BYTE);
    }
}
