package dev.postern.xen;

import java.util.BitSet;

/**
 * Which references are free. The search goes round, so that a reference rests as long as possible before it is used again, and the
 * next one is nearly always found at once. Not safe for use by several threads.
 */
final class FreeReferences {

    /** The first entries belong to the domain's tools: console, store and the like (Linux, drivers/xen/grant-table.c). */
    static final int RESERVED = 8;

    private final BitSet used = new BitSet();
    private int end = RESERVED;
    private int next = RESERVED;

    /** Makes all references below a number exist; those that did already stay as they are. */
    void growTo(int newEnd) {
        end = Math.max(end, newEnd);
    }

    /**
     * Takes references that follow each other.
     *
     * @param count at least 1
     * @return the first, or -1 when so many in a row are not free
     */
    int take(int count) {
        int first = search(next, end, count);
        if (first < 0) {
            // What begins before the starting point may reach beyond it.
            first = search(RESERVED, (int) Math.min(end, next + (count - 1L)), count);
        }
        if (first >= 0) {
            used.set(first, first + count);
            next = first + count == end ? RESERVED : first + count;
        }
        return first;
    }

    /** Gives one back. */
    void giveBack(int reference) {
        used.clear(reference);
    }

    private int search(int from, int to, int count) {
        int first = used.nextClearBit(from);
        while (count <= to - first) {
            int taken = used.nextSetBit(first);
            if (taken < 0 || taken - first >= count) {
                return first;
            }
            first = used.nextClearBit(taken);
        }
        return -1;
    }
}
