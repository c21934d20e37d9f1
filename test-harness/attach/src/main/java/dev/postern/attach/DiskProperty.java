package dev.postern.attach;

/** A number that QEMU can be told of a virtio disk. QEMU checks its range. */
public enum DiskProperty {
    /** How many request queues; more than one offers MQ. */
    QUEUES("num-queues"),
    /** The largest size of each queue: a power of two from 4 to 1024. */
    QUEUE_SIZE("queue-size"),
    /** The logical block size in bytes: a power of two from 512 to 2 MiB. */
    BLOCK_SIZE("logical_block_size"),
    /** The physical block size in bytes: a power of two, at least the logical one. */
    PHYSICAL_BLOCK_SIZE("physical_block_size"),
    /** The smallest transfer without a penalty, in bytes. */
    MINIMUM_IO("min_io_size"),
    /** The best transfer, in bytes. */
    OPTIMAL_IO("opt_io_size"),
    /** The largest segment of a discard, in sectors of 512 bytes. */
    DISCARD_SECTORS("max-discard-sectors"),
    /** At what multiple a discard is best split, in bytes. */
    DISCARD_GRANULARITY("discard_granularity"),
    /** The largest segment of a write of zeros, in sectors of 512 bytes. */
    WRITE_ZEROES_SECTORS("max-write-zeroes-sectors");

    private final String qemuName;

    DiskProperty(String qemuName) {
        this.qemuName = qemuName;
    }

    /** What QEMU calls it. */
    String qemuName() {
        return qemuName;
    }
}
