package dev.postern.emulated.dma;

/** What a device wants of memory. */
public enum DmaIntent {
    /** Fetch from memory. */
    READ,
    /** Store to memory. */
    WRITE
}
