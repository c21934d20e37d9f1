package dev.postern.lab;

/** A number that a disk can be told, by its word in a device's text. */
public enum DiskNumber {
    /** How many request queues. */
    QUEUES("queues", 1, 16),
    /** The largest size of each queue, in descriptors. */
    QUEUE_SIZE("queue-size", 1, 32768),
    /** The size of a block, in bytes. */
    BLOCK_SIZE("block-size", 512, 2 << 20),
    /** The size of a physical block, in bytes. */
    PHYSICAL_BLOCK_SIZE("physical-block-size", 512, 2 << 20),
    /** The smallest transfer without a penalty, in bytes. */
    MIN_IO_SIZE("min-io-size", 0, 0xffff_ffffL),
    /** The best transfer, in bytes. */
    OPT_IO_SIZE("opt-io-size", 0, 0xffff_ffffL),
    /** The largest number of data segments of a request. The emulated machine alone. */
    SEG_MAX("seg-max", 1, 1022),
    /** The largest data segment, in bytes. The emulated machine alone. */
    SIZE_MAX("size-max", 1, Integer.MAX_VALUE),
    /** The largest segment of a discard, in sectors. */
    MAX_DISCARD_SECTORS("max-discard-sectors", 1, 0xffff_ffffL),
    /** The largest number of segments of a discard. The emulated machine alone. */
    MAX_DISCARD_SEGMENTS("max-discard-segments", 1, 0xffff_ffffL),
    /** At what multiple a discard is best split, in bytes. */
    DISCARD_GRANULARITY("discard-granularity", 512, 1L << 31),
    /** The largest segment of a write of zeros, in sectors. */
    MAX_WRITE_ZEROES_SECTORS("max-write-zeroes-sectors", 1, 0xffff_ffffL),
    /** The largest number of segments of a write of zeros. The emulated machine alone. */
    MAX_WRITE_ZEROES_SEGMENTS("max-write-zeroes-segments", 1, 0xffff_ffffL),
    /** The largest segment of a secure erase, in sectors. The emulated machine alone. */
    MAX_SECURE_ERASE_SECTORS("max-secure-erase-sectors", 1, 0xffff_ffffL),
    /** The largest number of segments of a secure erase. The emulated machine alone. */
    MAX_SECURE_ERASE_SEGMENTS("max-secure-erase-segments", 1, 0xffff_ffffL);

    private final String label;
    private final long least;
    private final long most;

    DiskNumber(String label, long least, long most) {
        this.label = label;
        this.least = least;
        this.most = most;
    }

    /** The name on the command line. */
    public String label() {
        return label;
    }

    /** The least that any machine takes. */
    public long least() {
        return least;
    }

    /** The most that any machine takes. */
    public long most() {
        return most;
    }
}
