package dev.postern.emulated;

/** When a write is stable (blk:244). */
public enum CacheMode {
    /** After a flush. */
    WRITEBACK,
    /** When it is answered. */
    WRITETHROUGH
}
