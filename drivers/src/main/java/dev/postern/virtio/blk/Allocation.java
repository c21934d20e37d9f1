package dev.postern.virtio.blk;

/** What may become of the storage behind a range that is written with zeroes (blk:980). It reads as zeroes either way. */
public enum Allocation {

    /** The device keeps it, so that later writes find room. */
    KEEP,

    /** The device may give it back to its host, as if the range had been discarded. */
    MAY_RELEASE
}
