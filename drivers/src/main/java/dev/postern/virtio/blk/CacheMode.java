package dev.postern.virtio.blk;

/** When a write that was answered lasts (blk:989). */
public enum CacheMode {

    /** At once. */
    WRITETHROUGH,

    /** After a flush. */
    WRITEBACK
}
