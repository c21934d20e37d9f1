package dev.postern.emulated.platform;

import java.lang.foreign.MemorySegment;

/**
 * What happens when a device reaches for a page that the host has assigned as private. The device is told nothing: an access
 * looks like a success to a model in the host's user space, and the request ends as it would have.
 */
interface PrivatePages {

    /** The whole page as a device reads it; overwritten by the next call. */
    MemorySegment read(int page);

    /** A whole page that takes what a device writes. */
    MemorySegment write(int page);

    /** What to write down about a read. */
    String readMeans();

    /** What to write down about a write. */
    String writeMeans();

    /** The page changes hands: whatever devices did to it while it was private is settled. */
    void converted(int page);
}
