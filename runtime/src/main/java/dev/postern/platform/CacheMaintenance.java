package dev.postern.platform;

import dev.postern.memory.PhysRange;

/**
 * What a guest does to its caches for devices that the interconnect does not snoop. Safe for use by several threads on different
 * ranges.
 */
public interface CacheMaintenance {

    /** The cache line in bytes, a power of two: what shares a line with a buffer is cleaned and discarded with it. */
    int lineBytes();

    /** Writes back what the CPU stored in a range, so that the device sees it. The length may be 0. */
    void clean(long pa, long length);

    /**
     * Discards what the cache holds of a range, so that the CPU sees what the device stored. Stores of the CPU to the lines of the range
     * that were not written back are lost. The length may be 0.
     */
    void invalidate(long pa, long length);

    /** Makes the CPU reach pages past its caches, for memory that both sides use at the same time. Their content is kept. */
    void makeUncached(PhysRange pages);

    /** Makes the CPU reach pages through its caches again. Their content is kept. */
    void makeCached(PhysRange pages);
}
