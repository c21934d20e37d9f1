package dev.postern.lab.backend;

import java.lang.foreign.MemorySegment;

/**
 * One region of the memory table.
 *
 * @param guest its first guest address
 * @param size in bytes
 * @param user its first user address
 * @param bytes where it is mapped here
 * @param unmap lets go of it
 */
record TableRegion(long guest, long size, long user, MemorySegment bytes, Runnable unmap) {

    /** How many bytes from a place on lie in a region that begins at a base; at most {@code wanted}, 0 when the place is not in it. */
    long reach(long base, long address, long wanted) {
        long offset = address - base;
        return Long.compareUnsigned(offset, size) < 0 ? Long.min(wanted, size - offset) : 0;
    }

    /** Whether it is the region of that description. */
    boolean is(long otherGuest, long otherSize, long otherUser) {
        return guest == otherGuest && size == otherSize && user == otherUser;
    }

    /** Whether two ranges of addresses have one in common; neither wraps. */
    static boolean overlap(long from, long length, long otherFrom, long otherLength) {
        return Long.compareUnsigned(from, otherFrom + otherLength) < 0
                && Long.compareUnsigned(otherFrom, from + length) < 0;
    }

    @Override
    public String toString() {
        return "0x%x..0x%x".formatted(guest, guest + size);
    }
}
