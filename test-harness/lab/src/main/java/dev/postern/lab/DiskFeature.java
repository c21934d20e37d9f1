package dev.postern.lab;

/** The features of a disk that a machine can be told to offer or to withhold. */
public enum DiskFeature {
    /** The largest segment is told. */
    SIZE_MAX("size_max", 1),
    /** The largest number of segments is told. */
    SEG_MAX("seg_max", 2),
    /** The size of a block is told. */
    BLK_SIZE("blk_size", 6),
    /** It takes flushes. */
    FLUSH("flush", 9),
    /** Physical blocks and the best transfers are told. */
    TOPOLOGY("topology", 10),
    /** The guest may switch the write cache. */
    CONFIG_WCE("config_wce", 11),
    /** It takes discards. */
    DISCARD("discard", 13),
    /** It writes zeros by itself. */
    WRITE_ZEROES("write_zeroes", 14),
    /** It tells its wear. */
    LIFETIME("lifetime", 15),
    /** It erases for good. */
    SECURE_ERASE("secure_erase", 16),
    /** It has zones. */
    ZONED("zoned", 17);

    private final String label;
    private final int bit;

    DiskFeature(String label, int bit) {
        this.label = label;
        this.bit = bit;
    }

    /** The name on the command line. */
    public String label() {
        return label;
    }

    /** The number of the feature bit. */
    public int bit() {
        return bit;
    }
}
