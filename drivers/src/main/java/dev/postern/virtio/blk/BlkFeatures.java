package dev.postern.virtio.blk;

import dev.postern.virtio.DeviceType;
import java.util.Map;

/** The block device type and its feature bits (blk:20, "Feature bits"). */
public final class BlkFeatures {

    /** The configuration holds the largest segment. */
    public static final int SIZE_MAX = 1;

    /** The configuration holds the most segments of a request. */
    public static final int SEG_MAX = 2;

    /** The device takes no writes. */
    public static final int RO = 5;

    /** The configuration holds the block size. */
    public static final int BLK_SIZE = 6;

    /** The device has a cache that can be flushed. */
    public static final int FLUSH = 9;

    /** The configuration holds physical block, alignment and advised sizes. */
    public static final int TOPOLOGY = 10;

    /** The cache can be switched between writeback and writethrough. */
    public static final int CONFIG_WCE = 11;

    /** The device has several request queues. */
    public static final int MQ = 12;

    /** The device takes discards. */
    public static final int DISCARD = 13;

    /** The device writes zeroes without being sent any. */
    public static final int WRITE_ZEROES = 14;

    /** The device tells how worn it is. */
    public static final int LIFETIME = 15;

    /** The device takes secure erases. */
    public static final int SECURE_ERASE = 16;

    /** The device has zones. Never accepted: see {@link ZonedDisks}. */
    public static final int ZONED = 17;

    /** Device type 2. */
    public static final DeviceType TYPE = new DeviceType(
            2,
            "blk",
            Map.ofEntries(
                    Map.entry(0, "barrier"),
                    Map.entry(SIZE_MAX, "size_max"),
                    Map.entry(SEG_MAX, "seg_max"),
                    Map.entry(4, "geometry"),
                    Map.entry(RO, "ro"),
                    Map.entry(BLK_SIZE, "blk_size"),
                    Map.entry(7, "scsi"),
                    Map.entry(FLUSH, "flush"),
                    Map.entry(TOPOLOGY, "topology"),
                    Map.entry(CONFIG_WCE, "config_wce"),
                    Map.entry(MQ, "mq"),
                    Map.entry(DISCARD, "discard"),
                    Map.entry(WRITE_ZEROES, "write_zeroes"),
                    Map.entry(LIFETIME, "lifetime"),
                    Map.entry(SECURE_ERASE, "secure_erase"),
                    Map.entry(ZONED, "zoned")));

    private BlkFeatures() {}
}
