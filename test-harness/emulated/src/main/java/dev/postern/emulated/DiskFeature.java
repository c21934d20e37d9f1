package dev.postern.emulated;

/** The feature bits of a disk (blk:23 to 69), for {@link VirtioOptions#offer} and {@link VirtioOptions#withhold}. */
public final class DiskFeature {

    /** The largest segment is in {@code size_max}. */
    public static final int SIZE_MAX = 1;

    /** The largest number of segments is in {@code seg_max}. */
    public static final int SEG_MAX = 2;

    /** The disk refuses everything that writes. */
    public static final int RO = 5;

    /** The size of a block is in {@code blk_size}. */
    public static final int BLK_SIZE = 6;

    /** The disk takes flushes. */
    public static final int FLUSH = 9;

    /** Physical blocks and the best transfer sizes are in {@code topology}. */
    public static final int TOPOLOGY = 10;

    /** The driver may switch the cache between writeback and writethrough. */
    public static final int CONFIG_WCE = 11;

    /** There are {@code num_queues} queues. */
    public static final int MQ = 12;

    /** The disk takes discards. */
    public static final int DISCARD = 13;

    /** The disk writes zeros by itself. */
    public static final int WRITE_ZEROES = 14;

    /** The disk tells its wear. */
    public static final int LIFETIME = 15;

    /** The disk erases for good. */
    public static final int SECURE_ERASE = 16;

    /** The disk has zones. */
    public static final int ZONED = 17;

    private DiskFeature() {}
}
