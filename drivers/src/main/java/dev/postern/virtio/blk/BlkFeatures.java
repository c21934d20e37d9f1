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
                    Map.entry(10, "topology"),
                    Map.entry(11, "config_wce"),
                    Map.entry(12, "mq"),
                    Map.entry(13, "discard"),
                    Map.entry(14, "write_zeroes"),
                    Map.entry(15, "lifetime"),
                    Map.entry(16, "secure_erase"),
                    Map.entry(17, "zoned")));

    private BlkFeatures() {}
}
