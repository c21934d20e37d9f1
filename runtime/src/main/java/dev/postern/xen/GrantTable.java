package dev.postern.xen;

import dev.postern.memory.OutOfFramesException;

/** The table by which a Xen guest lets another domain at single pages of its memory. Safe for use by several threads. */
public interface GrantTable {

    /** The page that a grant is about, in bytes. */
    int PAGE_BYTES = 4096;

    /** What the other domain may do. */
    enum Access {
        /** Read alone. */
        READ_ONLY,
        /** Read and write. */
        READ_WRITE
    }

    /**
     * Grants one page to the back-end's domain.
     *
     * @param pa of the page, a multiple of {@link #PAGE_BYTES}
     * @return the reference, at least 1
     * @throws OutOfFramesException when every entry is in use
     * @throws XenException when the page lies in a frame that an entry cannot name (above 16 TiB)
     * @throws IllegalArgumentException when it is no page of RAM
     */
    int grant(long pa, Access access);

    /**
     * Grants pages that follow each other, with references that do too: so one device address spans them.
     *
     * @param pa of the first page, a multiple of {@link #PAGE_BYTES}
     * @param pages at least 1
     * @return the first reference
     * @throws OutOfFramesException when so many entries in a row are not free; nothing is granted then
     * @throws XenException when a page lies in a frame that an entry cannot name (above 16 TiB); nothing is granted then
     * @throws IllegalArgumentException when not all of it is RAM; nothing is granted then
     */
    int grantRun(long pa, int pages, Access access);

    /**
     * Ends grants, all that can be: one that cannot does not keep the others.
     *
     * @param firstReference from {@link #grant} or {@link #grantRun}
     * @param pages as many as were granted
     * @return whether nobody uses the pages any more. If not, the other domain has one mapped still: its entry stays in use for ever, and
     *     the page must not be used again
     * @throws IllegalArgumentException when they are not grants of this table, or were ended before, with whatever success
     */
    boolean end(int firstReference, int pages);

    /** How many entries are in use for the domain that this grants to, those included that could not be ended. */
    int inUse();
}
