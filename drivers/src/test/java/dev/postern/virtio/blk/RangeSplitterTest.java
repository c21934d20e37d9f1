package dev.postern.virtio.blk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Ranges cut into requests, with limits of every kind: each sector comes once and in order, and no limit is passed. */
class RangeSplitterTest {

    private static final int CASES = 20_000;
    private static final int MOST_REQUESTS = 100_000;

    @Test
    void everySectorComesOnceAndNoLimitIsPassed() {
        long seed = Long.getLong("postern.seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < CASES; i++) {
            long block = 1L << random.nextInt(5);
            RangeLimits limits = RangeLimits.of(field(random), 1 + random.nextInt(20), field(random), block);
            if (!limits.allowsAny()) {
                continue;
            }
            SectorRange[] ranges = new SectorRange[1 + random.nextInt(6)];
            for (int r = 0; r < ranges.length; r++) {
                // At most some hundred requests each, however small the limit is.
                long most = Math.min(limits.mostSectors() * 100 / block, 1L << 40);
                long count = block * random.nextLong(1, most + 1);
                ranges[r] = new SectorRange(block * random.nextLong(1L << 40), count);
            }
            try {
                check(limits, block, ranges);
            } catch (Throwable t) {
                throw new AssertionError("case %d, %s; repeat with -Dpostern.seed=%d".formatted(i, limits, seed), t);
            }
        }
    }

    /** Small numbers, numbers around powers of two, and all the others, all of 32 bits. */
    private static long field(SplittableRandom random) {
        return switch (random.nextInt(4)) {
            case 0 -> random.nextInt(40);
            case 1 -> (1L << random.nextInt(33)) + random.nextInt(3) - 1 & 0xffff_ffffL;
            case 2 -> 8L * random.nextInt(1000);
            default -> random.nextLong(1L << 32);
        };
    }

    private static void check(RangeLimits limits, long block, SectorRange... ranges) {
        RangeSplitter splitter = new RangeSplitter(limits, ranges);
        long[] firsts = new long[RequestMemory.MOST_RANGES];
        long[] counts = new long[RequestMemory.MOST_RANGES];
        int range = 0;
        long at = ranges[0].first();
        int requests = 0;
        while (splitter.hasNext()) {
            int filled = splitter.next(firsts, counts);
            assertTrue(filled >= 1 && filled <= limits.mostRanges(), "%d ranges".formatted(filled));
            long total = 0;
            for (int i = 0; i < filled; i++) {
                assertEquals(at, firsts[i]);
                assertTrue(counts[i] >= 1 && counts[i] <= 0xffff_ffffL);
                assertEquals(0, counts[i] % block, "whole blocks");
                total += counts[i];
                at += counts[i];
                if (at == ranges[range].end()) {
                    range++;
                    at = range < ranges.length ? ranges[range].first() : -1;
                } else if (counts[i] < limits.mostSectors()) {
                    assertEquals(0, at % limits.alignment(), "cut where nothing asked for it");
                }
            }
            assertTrue(total <= limits.mostSectors(), "%d sectors".formatted(total));
            assertTrue(++requests <= MOST_REQUESTS, "it does not end");
        }
        assertEquals(ranges.length, range, "nothing is left out");
    }
}
