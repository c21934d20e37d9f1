package dev.postern.xen;

import dev.postern.memory.FrameAllocator;
import dev.postern.memory.FrameRequest;
import dev.postern.memory.OutOfFramesException;
import dev.postern.memory.PhysRange;
import java.util.Arrays;

/**
 * The one grant table of a guest: its frames, which grow with the need, and who holds which entry.
 *
 * <p>Each frame of the table appears in place of a page that was taken from RAM for it; that page never goes back. Safe for use by
 * several threads: entries are taken and given back under a short lock, and written outside it by whoever holds them.
 */
final class SharedGrantTable {

    /** More than any hypervisor lets a guest have; it bounds what a wrong answer could make the guest do. */
    static final int MOST_FRAMES = 1 << 16;

    /** In place of a domain: nobody holds the entry, or the grant is being ended, or never could be. */
    private static final char NOBODY = 0xffff;

    private final XenHypercalls calls;
    private final FrameAllocator allocator;
    private final int mostFrames;
    private final Object lock = new Object();
    private final FreeReferences free = new FreeReferences();

    /** Replaced as a whole when the table grows, under the lock; read without it. */
    private volatile GrantEntries[] frames = {};
    /** Which domain an entry was granted to; under the lock. What the table itself says could be changed by others. */
    private char[] holders = {};

    private SharedGrantTable(XenHypercalls calls, FrameAllocator allocator) {
        this.calls = calls;
        this.allocator = allocator;
        mostFrames = (int) Math.min(calls.mostFrames(), MOST_FRAMES);
    }

    /**
     * Sets up the table with its first frame.
     *
     * @throws XenException when Xen refuses
     */
    static SharedGrantTable create(XenHypercalls calls, FrameAllocator allocator) {
        calls.chooseVersion();
        SharedGrantTable table = new SharedGrantTable(calls, allocator);
        synchronized (table.lock) {
            table.addFrame();
        }
        return table;
    }

    /**
     * Takes entries that follow each other.
     *
     * @return the first reference
     * @throws OutOfFramesException when there are none and the table cannot grow
     */
    int take(int count, int domain) {
        synchronized (lock) {
            int first = free.take(count);
            while (first < 0) {
                grow(count);
                first = free.take(count);
            }
            Arrays.fill(holders, first, first + count, (char) domain);
            return first;
        }
    }

    /** Writes an entry that was taken. */
    void publish(int reference, int domain, int frameNumber, GrantTable.Access access) {
        entries(reference).publish(reference % GrantEntries.PER_FRAME, domain, frameNumber, access);
    }

    /**
     * Makes sure that nobody else ends these grants.
     *
     * @throws IllegalArgumentException when they are not grants to that domain
     */
    void claim(int first, int count, int domain) {
        synchronized (lock) {
            boolean held = count >= 1 && first >= 0 && first <= holders.length - count;
            for (int i = 0; held && i < count; i++) {
                held = holders[first + i] == domain;
            }
            if (!held) {
                throw new IllegalArgumentException(
                        "%d references from %d are not granted to domain %d: ended twice, or they came from elsewhere"
                                .formatted(count, first, domain));
            }
            Arrays.fill(holders, first, first + count, NOBODY);
        }
    }

    /** Ends a claimed grant; one that cannot be ended stays taken for ever. */
    boolean withdraw(int reference) {
        if (!entries(reference).withdraw(reference % GrantEntries.PER_FRAME)) {
            return false;
        }
        synchronized (lock) {
            free.giveBack(reference);
        }
        return true;
    }

    private GrantEntries entries(int reference) {
        return frames[reference / GrantEntries.PER_FRAME];
    }

    /** Grows by a frame, and only if that can lead to the wanted number. */
    private void grow(int count) {
        int most = mostFrames * GrantEntries.PER_FRAME - FreeReferences.RESERVED;
        if (frames.length == mostFrames || count > most) {
            throw new OutOfFramesException(
                    "no %d grant entries in a row are free, and the table has reached %d of %d frames: end grants, or give the domain more grant frames (max_grant_frames)"
                            .formatted(count, frames.length, mostFrames));
        }
        try {
            addFrame();
        } catch (XenException e) {
            throw new OutOfFramesException("no grant entry is free: " + e.getMessage());
        }
    }

    private void addFrame() {
        int index = frames.length;
        PhysRange page = allocator.allocate(GrantTable.PAGE_BYTES, FrameRequest.ANY);
        try {
            calls.placeTableFrame(index, page.basePa() / GrantTable.PAGE_BYTES);
        } catch (XenException e) {
            allocator.free(page);
            throw e;
        }
        holders = Arrays.copyOf(holders, holders.length + GrantEntries.PER_FRAME);
        Arrays.fill(holders, index * GrantEntries.PER_FRAME, holders.length, NOBODY);
        GrantEntries[] grown = Arrays.copyOf(frames, index + 1);
        grown[index] = new GrantEntries(allocator.memory().slice(page.basePa(), page.length()));
        frames = grown;
        free.growTo(holders.length);
    }
}
