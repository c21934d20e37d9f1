package dev.postern.dma.bounce;

import dev.postern.dma.PoolFullException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;

/**
 * What one device has of a pool: slots of every size, on shelves of which each thread uses its own. The slot that was given back
 * last is taken first, so that its bytes are still in the cache. No two shares have slots in the same page.
 *
 * <p><b>Threads:</b> any; a slot may be given back by another thread than the one that took it. Taking and giving back is one
 * compare-and-set each. Only a thread that finds its shelf empty takes the lock of the pool.
 */
public final class PoolShare {

    private static final VarHandle HEADS = MethodHandles.arrayElementVarHandle(long[].class);

    /** Longs from area to area: the shelves of two areas are never in one cache line, nor in neighbouring ones. */
    private static final int AREA_STRIDE = 32;

    private static final long INDEX_MASK = 0xffff_ffffL;
    private static final long NEXT_TAG = 1L << 32;

    private final BouncePool pool;
    private final String device;
    private final PageAddresses addresses;
    private final int id;
    private final int areaMask;
    /**
     * One head a shelf. Low half: the uppermost slot, as index plus one, or 0. High half: a tag that every change counts up, so
     * that a head which came back to the same slot is not taken for an unchanged one.
     */
    private final long[] heads;

    /**
     * Empty shelves.
     *
     * @param device what messages call the device
     * @param addresses how it addresses its pages
     * @param id other than that of any other share of the pool, not 0
     * @param areas a power of two
     */
    PoolShare(BouncePool pool, String device, PageAddresses addresses, int id, int areas) {
        this.pool = pool;
        this.device = device;
        this.addresses = addresses;
        this.id = id;
        areaMask = areas - 1;
        heads = new long[(areas + 1) * AREA_STRIDE];
    }

    /** The pool. */
    public BouncePool pool() {
        return pool;
    }

    /**
     * Takes a slot. It holds whatever this device's earlier mappings left there; the caller overwrites or zeroes every byte that
     * it gives to the device. It never waits.
     *
     * @param bytes 1 to {@link BouncePool#largestMapping()}. The slot's address is a multiple of the smallest slot size that
     *     holds them: 64, 512, 2048, 4096 bytes and every power of two from there
     * @throws PoolFullException when there is no room now and the pool cannot grow
     */
    public BounceSlot take(long bytes) {
        int sizeClass = SizeClass.of(bytes);
        int shelf = shelfOf((int) Thread.currentThread().threadId() & areaMask, sizeClass);
        BounceSlot slot = pop(shelf);
        return slot != null ? slot : pool.refill(this, shelf, sizeClass, bytes);
    }

    /**
     * The slot of a mapping.
     *
     * @return null when the token is not one of a live mapping of this share
     */
    public BounceSlot find(long token) {
        BounceSlot slot = pool.slotAt((int) token);
        return slot != null && slot.share() == this && slot.carries(token) ? slot : null;
    }

    /** Gives a slot back whose mapping has ended. */
    public void giveBack(BounceSlot slot) {
        int shelf = slot.shelf();
        while (true) {
            long head = (long) HEADS.getVolatile(heads, shelf);
            slot.below = (int) head;
            // Releases what this thread did with the slot to the one that takes it next.
            if (HEADS.compareAndSet(heads, shelf, head, tagAfter(head) | slot.index() + 1)) {
                return;
            }
        }
    }

    /** Ends a mapping whose device may still use the slot: nobody gets it again. */
    public void quarantine(BounceSlot slot) {
        slot.quarantine();
        pool.countQuarantined();
    }

    /**
     * Ends the share. What is not mapped goes back to the pool; the rest is lost to it.
     *
     * @return how many mappings were left
     */
    public int close() {
        return pool.end(this);
    }

    /** Takes the uppermost slot of a shelf, or null. */
    BounceSlot pop(int shelf) {
        while (true) {
            // Acquires what the thread did that put the slot there.
            long head = (long) HEADS.getAcquire(heads, shelf);
            if ((int) head == 0) {
                return null;
            }
            BounceSlot slot = pool.slotAt((int) head - 1);
            // Another thread may have taken the slot, and put it elsewhere or cut its page anew: then the tag has
            // changed.
            if (slot != null && HEADS.compareAndSet(heads, shelf, head, tagAfter(head) | slot.below & INDEX_MASK)) {
                return slot;
            }
        }
    }

    /**
     * Takes a slot of a class, or a larger one, from the shelves of any thread, or null. It goes to a shelf of this thread when it is
     * given back, so that a thread looks for it in vain but once.
     *
     * @param shelf the empty one
     */
    BounceSlot popAnywhere(int shelf, int smallestClass, int largestClass) {
        int own = shelf - smallestClass;
        for (int sizeClass = smallestClass; sizeClass <= largestClass; sizeClass++) {
            for (int area = 0; area <= areaMask; area++) {
                BounceSlot slot = pop(shelfOf(area, sizeClass));
                if (slot != null) {
                    slot.moveTo(own + sizeClass);
                    return slot;
                }
            }
        }
        return null;
    }

    /** Moves every free slot to a list, the uppermost of a shelf first. */
    void drainTo(ArrayDeque<BounceSlot> slots) {
        for (int area = 0; area <= areaMask; area++) {
            for (int sizeClass = 0; sizeClass < SizeClass.COUNT; sizeClass++) {
                BounceSlot slot;
                while ((slot = pop(shelfOf(area, sizeClass))) != null) {
                    slots.addLast(slot);
                }
            }
        }
    }

    String device() {
        return device;
    }

    PageAddresses addresses() {
        return addresses;
    }

    int id() {
        return id;
    }

    private static int shelfOf(int area, int sizeClass) {
        return (area + 1) * AREA_STRIDE + sizeClass;
    }

    private static long tagAfter(long head) {
        return (head & ~INDEX_MASK) + NEXT_TAG;
    }

    @Override
    public String toString() {
        return "%s's share of bounce pool %s".formatted(device, pool.name());
    }
}
