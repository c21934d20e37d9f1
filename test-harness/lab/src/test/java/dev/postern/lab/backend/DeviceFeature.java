package dev.postern.lab.backend;

/** Feature bits of a disk and of any device (virtio 1.4, Block Device and Reserved Feature Bits). */
public enum DeviceFeature {
    SEG_MAX(2),
    RO(5),
    BLK_SIZE(6),
    FLUSH(9),
    CONFIG_WCE(11),
    MQ(12),
    DISCARD(13),
    WRITE_ZEROES(14),
    INDIRECT_DESC(28),
    EVENT_IDX(29),
    /** Not a feature of virtio: the back-end speaks of protocol features. */
    PROTOCOL_FEATURES(30),
    VERSION_1(32),
    RING_PACKED(34);

    private final int bit;

    DeviceFeature(int bit) {
        this.bit = bit;
    }

    /** The number of the bit. */
    public int bit() {
        return bit;
    }

    /** As a mask. */
    public long mask() {
        return 1L << bit;
    }

    /** Whether a set of bits has it. */
    boolean in(long bits) {
        return (bits & mask()) != 0;
    }
}
