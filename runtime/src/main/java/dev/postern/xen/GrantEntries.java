package dev.postern.xen;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * One frame of a grant table: 512 entries of version 1, {@code struct grant_entry_v1} of xen/include/public/grant_table.h. Flags and
 * domain make up the first 32-bit word and are written as one, as Xen itself does; the frame number is the second.
 *
 * <p>Xen reads entries at any moment, and sets and clears the bits that say "in use" in the flags. Safe for use by several threads on
 * different entries.
 */
record GrantEntries(MemorySegment frame) {

    /** How many entries a frame has. */
    static final int PER_FRAME = 512;

    private static final ValueLayout.OfInt LAYOUT = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle WORD = LAYOUT.varHandle();
    private static final long ENTRY_BYTES = 8;
    private static final long FRAME_NUMBER = 4;
    private static final int DOMAIN_SHIFT = 16;

    private static final int PERMIT_ACCESS = 1;
    private static final int READ_ONLY = 1 << 2;
    private static final int IN_USE = 1 << 3 | 1 << 4;

    /**
     * How often ending a grant may be disturbed. Xen changes the flags when the other domain maps or unmaps the page, so one that does
     * both without a pause could keep this up for ever.
     */
    static final int MOST_ATTEMPTS = 1000;

    /** Grants: the domain may reach the frame as soon as the flags are there. */
    void publish(int index, int domain, int frameNumber, GrantTable.Access access) {
        int flags = PERMIT_ACCESS | (access == GrantTable.Access.READ_ONLY ? READ_ONLY : 0);
        frame.set(LAYOUT, index * ENTRY_BYTES + FRAME_NUMBER, frameNumber);
        // Release: Xen must not see the flags with the frame number of an earlier grant. It pairs with Xen's own read
        // of the word.
        WORD.setRelease(frame, index * ENTRY_BYTES, domain << DOMAIN_SHIFT | flags);
    }

    /**
     * Ends a grant.
     *
     * @return false when the other domain has the page mapped, or maps and unmaps it so fast that the grant cannot be ended
     */
    boolean withdraw(int index) {
        long at = index * ENTRY_BYTES;
        for (int attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
            int word = (int) WORD.getVolatile(frame, at);
            if ((word & IN_USE) != 0) {
                return false;
            }
            // Exchange, not store: Xen may have set a bit since. The full fence keeps the page's later use behind it.
            if (WORD.compareAndSet(frame, at, word, 0)) {
                return true;
            }
        }
        return false;
    }
}
