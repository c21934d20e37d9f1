package dev.postern.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.postern.fakes.FakeRam;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random allocations and frees, against a model that tries every frame. */
class FrameAllocatorModelTest {

    private static final int FRAME = 4096;
    private static final int[] REGION_FIRST = {256, 400, 464};
    private static final int[] REGION_END = {336, 464, 500};
    private static final int RESERVED_FIRST = 300;
    private static final int RESERVED_END = 303;

    private final BitSet free = new BitSet();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void everyAllocationIsThePlaceThatTryingAllFramesFinds(long seed) {
        PhysicalMemory memory = FakeRam.memory(
                (long) REGION_FIRST[0] * FRAME,
                (long) (REGION_END[0] - REGION_FIRST[0]) * FRAME,
                (long) REGION_FIRST[1] * FRAME,
                (long) (REGION_END[1] - REGION_FIRST[1]) * FRAME,
                (long) REGION_FIRST[2] * FRAME,
                (long) (REGION_END[2] - REGION_FIRST[2]) * FRAME);
        FrameAllocator frames = new FrameAllocator(
                memory, List.of(PhysRange.between((long) RESERVED_FIRST * FRAME + 1, (long) RESERVED_END * FRAME - 1)));
        for (int region = 0; region < REGION_FIRST.length; region++) {
            free.set(REGION_FIRST[region], REGION_END[region]);
        }
        free.clear(RESERVED_FIRST, RESERVED_END);
        Random random = new Random(seed);
        List<PhysRange> held = new ArrayList<>();
        for (int turn = 0; turn < 3000; turn++) {
            String where = "seed " + seed + ", turn " + turn;
            if (random.nextInt(100) < 45 && !held.isEmpty()) {
                PhysRange run = held.remove(random.nextInt(held.size()));
                frames.free(run);
                free.set((int) (run.basePa() / FRAME), (int) (run.endPa() / FRAME));
            } else {
                int count = 1 + random.nextInt(random.nextInt(4) == 0 ? 30 : 4);
                FrameRequest request = new FrameRequest(
                        (long) FRAME << random.nextInt(5),
                        0,
                        random.nextBoolean() ? Long.MAX_VALUE : (long) random.nextInt(260, 510) * FRAME - 1,
                        random.nextBoolean() ? Placement.LOW : Placement.HIGH);
                long got = allocate(frames, count, request, held);
                assertEquals(expected(count, request), got, () -> where + ": " + count + " frames, " + request);
                if (got >= 0) {
                    free.clear((int) got, (int) got + count);
                }
            }
            assertEquals((long) free.cardinality() * FRAME, frames.freeBytes(), where);
        }
    }

    private static long allocate(FrameAllocator frames, int count, FrameRequest request, List<PhysRange> held) {
        try {
            PhysRange run = frames.allocate((long) count * FRAME, request);
            held.add(run);
            return run.basePa() / FRAME;
        } catch (OutOfFramesException full) {
            return -1;
        }
    }

    private long expected(int count, FrameRequest request) {
        long found = -1;
        for (int first = 0; first < 512; first++) {
            if (fits(first, count, request) && (found < 0 || request.placement() == Placement.HIGH)) {
                found = first;
            }
        }
        return found;
    }

    private boolean fits(int first, int count, FrameRequest request) {
        boolean oneRegion = false;
        for (int region = 0; region < REGION_FIRST.length; region++) {
            oneRegion |= first >= REGION_FIRST[region] && first + count <= REGION_END[region];
        }
        return oneRegion
                && free.nextClearBit(first) >= first + count
                && (long) first * FRAME % request.alignment() == 0
                && (long) (first + count) * FRAME - 1 <= request.highestPa();
    }
}
