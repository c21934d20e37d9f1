package dev.postern.dma.bounce;

import dev.postern.memory.FrameAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * The free part of one piece of a pool, in blocks whose length is a power of two and divides their address: a buddy system. The
 * lowest block is given first, so that a pool that is little used stays a small window. The caller holds the lock of the pool.
 */
final class FreeBlocks {

    private static final int LOWEST_SHIFT = Long.numberOfTrailingZeros(FrameAllocator.FRAME_BYTES);
    private static final int HIGHEST_SHIFT = Integer.numberOfTrailingZeros(SizeClass.LARGEST);

    /** Addresses, by length: the first has pages. */
    private final List<TreeSet<Long>> byShift = new ArrayList<>();

    private final long basePa;
    private final long endPa;

    /** All of a range of whole pages is free. */
    FreeBlocks(long basePa, long endPa) {
        this.basePa = basePa;
        this.endPa = endPa;
        for (int shift = LOWEST_SHIFT; shift <= HIGHEST_SHIFT; shift++) {
            byShift.add(new TreeSet<>());
        }
        for (long pa = basePa; pa < endPa; ) {
            int shift = Math.min(HIGHEST_SHIFT, Long.numberOfTrailingZeros(pa));
            while (1L << shift > endPa - pa) {
                shift--;
            }
            blocks(shift).add(pa);
            pa += 1L << shift;
        }
    }

    /**
     * Takes a block.
     *
     * @param bytes a power of two, from a page to the largest slot
     * @return its address, or -1 when there is none
     */
    long take(long bytes) {
        int wanted = Long.numberOfTrailingZeros(bytes);
        for (int shift = wanted; shift <= HIGHEST_SHIFT; shift++) {
            Long pa = blocks(shift).pollFirst();
            if (pa != null) {
                for (int half = shift - 1; half >= wanted; half--) {
                    blocks(half).add(pa + (1L << half));
                }
                return pa;
            }
        }
        return -1;
    }

    /** Gives a block back, as it was taken. */
    void giveBack(long pa, long bytes) {
        int shift = Long.numberOfTrailingZeros(bytes);
        long base = pa;
        while (shift < HIGHEST_SHIFT) {
            long buddy = base ^ (1L << shift);
            // What lies outside the piece may be another one's, in another segment.
            if (buddy < basePa
                    || buddy + (1L << shift) > endPa
                    || !blocks(shift).remove(buddy)) {
                break;
            }
            base = Math.min(base, buddy);
            shift++;
        }
        blocks(shift).add(base);
    }

    /** The longest block in bytes, 0 when nothing is free. */
    long longest() {
        for (int shift = HIGHEST_SHIFT; shift >= LOWEST_SHIFT; shift--) {
            if (!blocks(shift).isEmpty()) {
                return 1L << shift;
            }
        }
        return 0;
    }

    private TreeSet<Long> blocks(int shift) {
        return byShift.get(shift - LOWEST_SHIFT);
    }
}
