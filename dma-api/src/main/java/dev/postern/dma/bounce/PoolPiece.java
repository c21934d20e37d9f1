package dev.postern.dma.bounce;

import dev.postern.memory.FrameAllocator;
import dev.postern.memory.PhysRange;
import java.lang.foreign.MemorySegment;

/** One contiguous piece of a pool's memory, and who had its pages last. The caller holds the lock of the pool. */
final class PoolPiece {

    private static final long PAGE = FrameAllocator.FRAME_BYTES;

    private final PhysRange range;
    private final MemorySegment memory;
    private final int firstPage;
    private final FreeBlocks free;
    private final int[] lastOwners;
    private boolean kept;

    /**
     * All of it is free and holds zeros.
     *
     * @param memory its bytes
     * @param firstPage the number of its first page in the pool
     */
    PoolPiece(PhysRange range, MemorySegment memory, int firstPage) {
        this.range = range;
        this.memory = memory;
        this.firstPage = firstPage;
        free = new FreeBlocks(range.basePa(), range.endPa());
        lastOwners = new int[(int) (range.length() / PAGE)];
    }

    PhysRange range() {
        return range;
    }

    MemorySegment memory() {
        return memory;
    }

    /** The number of the page at an address in the pool. */
    int pageAt(long pa) {
        return firstPage + (int) ((pa - range.basePa()) / PAGE);
    }

    /** The longest free block in bytes. */
    long longestFree() {
        return free.longest();
    }

    /**
     * Takes a block for an owner; whatever another owner left in it is zeroed.
     *
     * @param owner not 0
     * @return its address, or -1
     */
    long take(long bytes, int owner) {
        long pa = free.take(bytes);
        if (pa >= 0) {
            int first = (int) ((pa - range.basePa()) / PAGE);
            for (int page = first; page < first + bytes / PAGE; page++) {
                if (lastOwners[page] != 0 && lastOwners[page] != owner) {
                    memory.asSlice(page * PAGE, PAGE).fill((byte) 0);
                }
                lastOwners[page] = owner;
            }
        }
        return pa;
    }

    /** Takes a block back. */
    void giveBack(long pa, long bytes) {
        free.giveBack(pa, bytes);
    }

    /** Notes that a block never comes back, because somebody outside still uses it. */
    void keepBlock() {
        kept = true;
    }

    /** Whether a block never comes back. */
    boolean keepsBlock() {
        return kept;
    }
}
