package dev.postern.emulated;

/** Where a write is until it is flushed. */
public enum WriteCache {
    /** In the image, which the host may still hold in memory. A power cut of the guest loses nothing. */
    HOST,

    /**
     * In the disk, up to {@code 16 MiB}: what was not flushed is lost when the power is cut ({@link Disk#cutPower}). When the cache is full the
     * oldest writes go to the image, as they may at any time.
     */
    VOLATILE
}
