package dev.postern.emulated.platform;

import java.lang.foreign.MemorySegment;

/**
 * What happens when a device reaches for a page that the host has assigned as private. Where the platform answers, the device
 * is told nothing: an access looks like a success to a model in the host's user space, and the request ends as it would have.
 */
interface PrivatePages {

    /** The whole page as a device reads it; overwritten by the next call. */
    MemorySegment read(int page);

    /** A whole page that takes what a device writes. */
    MemorySegment write(int page);

    /** Whether an access is answered at all; if not, it is refused, and read and write are not asked. */
    default boolean answers() {
        return true;
    }

    /** What to write down about a read. */
    String readMeans();

    /** What to write down about a write. */
    String writeMeans();

    /** The page changes hands: whatever devices did to it while it was private is settled. */
    void converted(int page);

    /** The devices rest and the guest runs: what they wrote is in memory now. */
    default void settle() {}
}
