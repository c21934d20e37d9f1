package dev.postern.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.fakes.FakeRam;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class FrameAllocatorTest {

    private static final long MIB = 1 << 20;
    private static final long HIGH = 1L << 32;

    private final PhysicalMemory memory = FakeRam.memory(0, 2 * MIB, HIGH, MIB);
    private final FrameAllocator frames = new FrameAllocator(memory, List.of());

    @Test
    void theFirstMebibyteIsNeverHandedOut() {
        assertEquals(2 * MIB, frames.freeBytes());
        assertEquals(
                MIB,
                frames.allocate(MIB, FrameRequest.BELOW_4_GIB.withPlacement(Placement.LOW))
                        .basePa());
        assertThrows(OutOfFramesException.class, () -> frames.allocate(1, FrameRequest.BELOW_4_GIB));
    }

    @Test
    void memoryAboveFourGibibytesIsPreferredUnlessLimited() {
        assertEquals(HIGH + MIB - 4096, frames.allocate(1, FrameRequest.ANY).basePa());
        assertEquals(
                2 * MIB - 4096, frames.allocate(1, FrameRequest.BELOW_4_GIB).basePa());
        assertEquals(
                MIB,
                frames.allocate(1, FrameRequest.ANY.withPlacement(Placement.LOW))
                        .basePa());
    }

    @Test
    void theLimitIsInclusive() {
        FrameRequest exactly = FrameRequest.ANY.withHighestPa(MIB + 4095);
        assertEquals(MIB, frames.allocate(4096, exactly).basePa());
        FrameRequest oneLess = FrameRequest.ANY.withHighestPa(MIB + 2 * 4096 - 2);
        assertThrows(OutOfFramesException.class, () -> frames.allocate(4096, oneLess));
    }

    @Test
    void lengthIsRoundedUpToWholeFrames() {
        assertEquals(8192, frames.allocate(4097, FrameRequest.ANY).length());
    }

    @Test
    void framesAreZeroedEvenWhenUsedBefore() {
        PhysRange first = frames.allocate(4096, FrameRequest.ANY);
        memory.slice(first.basePa(), 4096).fill((byte) 0x5a);
        frames.free(first);
        PhysRange second = frames.allocate(4096, FrameRequest.ANY);
        assertEquals(first, second);
        assertEquals(0, memory.slice(second.basePa(), 4096).get(ValueLayout.JAVA_BYTE, 4095));
    }

    @Test
    void freedNeighboursBecomeOneRunAgain() {
        List<PhysRange> runs = new ArrayList<>();
        for (int i = 0; i < 256; i++) {
            runs.add(frames.allocate(4096, FrameRequest.ANY));
        }
        for (int i = 0; i < 256; i += 2) {
            frames.free(runs.get(i));
        }
        for (int i = 1; i < 256; i += 2) {
            frames.free(runs.get(i));
        }
        assertEquals(new PhysRange(HIGH, MIB), frames.allocate(MIB, FrameRequest.ANY));
    }

    @Test
    void aRunNeverSpansTwoRegions() {
        FrameAllocator adjacent = new FrameAllocator(FakeRam.memory(MIB, MIB, 2 * MIB, MIB), List.of());
        PhysRange low = adjacent.allocate(MIB, FrameRequest.ANY);
        PhysRange high = adjacent.allocate(MIB, FrameRequest.ANY);
        adjacent.free(low);
        adjacent.free(high);
        assertThrows(OutOfFramesException.class, () -> adjacent.allocate(MIB + 4096, FrameRequest.ANY));
    }

    @Test
    void reservedRangesAreWidenedToFramesAndMayOverlap() {
        FrameAllocator reserved = new FrameAllocator(
                memory,
                List.of(
                        new PhysRange(HIGH + 4095, 2),
                        new PhysRange(HIGH, 4096),
                        new PhysRange(4 * MIB, MIB),
                        PhysRange.between(HIGH + MIB - 1, Long.MAX_VALUE)));
        assertEquals(2 * MIB - 3 * 4096, reserved.freeBytes());
        FrameRequest onlyTheFirstHighFrame = FrameRequest.ANY.withAlignment(HIGH);
        assertThrows(OutOfFramesException.class, () -> reserved.allocate(4096, onlyTheFirstHighFrame));
    }

    @Test
    void doublePartialAndForeignFreesAreErrors() {
        PhysRange run = frames.allocate(8192, FrameRequest.ANY);
        PhysRange part = new PhysRange(run.basePa(), 4096);
        assertThrows(IllegalArgumentException.class, () -> frames.free(part));
        assertThrows(IllegalArgumentException.class, () -> frames.free(new PhysRange(run.basePa() + 4096, 4096)));
        frames.free(run);
        assertThrows(IllegalArgumentException.class, () -> frames.free(run));
        assertThrows(IllegalArgumentException.class, () -> frames.free(new PhysRange(0, 4096)));
        assertEquals(2 * MIB, frames.freeBytes());
    }

    @Test
    void theErrorNamesSizeConstraintFreeBytesAndLargestRun() {
        frames.allocate(MIB - 4096, FrameRequest.BELOW_4_GIB);
        OutOfFramesException error =
                assertThrows(OutOfFramesException.class, () -> frames.allocate(8192, FrameRequest.BELOW_4_GIB));
        assertEquals(
                "no room for 8192 bytes of frames at or below 0xffffffff, aligned to 0x1000: 1052672 bytes are free,"
                        + " the largest free run has 1048576; give the machine more memory",
                error.getMessage());
    }

    @Test
    void absurdSizesAndAlignmentsAreRefusedWithoutOverflow() {
        assertThrows(OutOfFramesException.class, () -> frames.allocate(Long.MAX_VALUE, FrameRequest.ANY));
        assertThrows(OutOfFramesException.class, () -> frames.allocate(Long.MAX_VALUE - 8191, FrameRequest.ANY));
        FrameRequest huge = FrameRequest.ANY.withAlignment(1L << 62).withPlacement(Placement.LOW);
        assertThrows(OutOfFramesException.class, () -> frames.allocate(1, huge));
        assertThrows(IllegalArgumentException.class, () -> frames.allocate(0, FrameRequest.ANY));
        assertThrows(IllegalArgumentException.class, () -> FrameRequest.ANY.withAlignment(Long.MIN_VALUE));
        assertThrows(IllegalArgumentException.class, () -> FrameRequest.ANY.withAlignment(2048));
        assertThrows(IllegalArgumentException.class, () -> FrameRequest.ANY.withAlignment(12288));
        assertThrows(IllegalArgumentException.class, () -> FrameRequest.ANY.withHighestPa(4094));
    }

    @Test
    void threadsNeverGetTheSameFrame() throws Exception {
        try (ExecutorService pool = Executors.newFixedThreadPool(4)) {
            Callable<Boolean> work = () -> {
                boolean clean = true;
                for (int i = 0; i < 300; i++) {
                    PhysRange run = frames.allocate(4096 * (1 + i % 3), FrameRequest.ANY);
                    var bytes = memory.slice(run.basePa(), run.length());
                    clean &= bytes.get(ValueLayout.JAVA_LONG, 0) == 0;
                    bytes.set(ValueLayout.JAVA_LONG, 0, Thread.currentThread().threadId());
                    Thread.onSpinWait();
                    clean &= bytes.get(ValueLayout.JAVA_LONG, 0)
                            == Thread.currentThread().threadId();
                    frames.free(run);
                }
                return clean;
            };
            for (Future<Boolean> done : pool.invokeAll(List.of(work, work, work, work), 30, TimeUnit.SECONDS)) {
                assertFalse(done.isCancelled(), "the threads did not finish in 30 s");
                assertTrue(done.get());
            }
        }
        assertEquals(2 * MIB, frames.freeBytes());
    }
}
