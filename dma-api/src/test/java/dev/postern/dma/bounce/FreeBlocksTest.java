package dev.postern.dma.bounce;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.BitSet;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FreeBlocksTest {

    private static final long PAGE = 4096;

    /** Random blocks against a set of pages: apart, aligned, inside, refused only when no aligned place is free. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void blocksAreAlignedApartAndPutTogetherAgain(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        long base = PAGE * random.nextInt(1000);
        int pages = 16 + random.nextInt(1000);
        FreeBlocks blocks = new FreeBlocks(base, base + pages * PAGE);
        long longest = blocks.longest();
        BitSet taken = new BitSet();
        Map<Long, Long> held = new TreeMap<>();
        for (int turn = 0; turn < 5000; turn++) {
            String where = "seed " + seed + ", turn " + turn;
            if (!held.isEmpty() && random.nextInt(100) < 48) {
                Long pa = held.keySet().stream()
                        .skip(random.nextInt(held.size()))
                        .findFirst()
                        .orElseThrow();
                long bytes = held.remove(pa);
                blocks.giveBack(pa, bytes);
                taken.clear((int) ((pa - base) / PAGE), (int) ((pa - base + bytes) / PAGE));
                continue;
            }
            long bytes = PAGE << random.nextInt(9);
            long pa = blocks.take(bytes);
            if (pa < 0) {
                assertFalse(isRoom(base, pages, taken, bytes), where);
                continue;
            }
            assertEquals(0, pa % bytes, where);
            int first = (int) ((pa - base) / PAGE);
            int end = first + (int) (bytes / PAGE);
            assertTrue(first >= 0 && end <= pages, where);
            int next = taken.nextSetBit(first);
            assertTrue(next < 0 || next >= end, where);
            taken.set(first, end);
            held.put(pa, bytes);
        }
        held.forEach(blocks::giveBack);
        assertEquals(longest, blocks.longest(), "seed " + seed);
    }

    private static boolean isRoom(long base, int pages, BitSet taken, long bytes) {
        int count = (int) (bytes / PAGE);
        long first = (base + bytes - 1) / bytes * bytes;
        for (long pa = first; pa + bytes <= base + pages * PAGE; pa += bytes) {
            int next = taken.nextSetBit((int) ((pa - base) / PAGE));
            if (next < 0 || next >= (pa - base) / PAGE + count) {
                return true;
            }
        }
        return false;
    }
}
