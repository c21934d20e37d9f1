package dev.postern.lab.backend;

/** What a back-end can offer beside the device's own features (vhost-user, Protocol features). */
public enum ProtocolFeature {
    MQ(0),
    REPLY_ACK(3),
    BACKEND_REQ(5),
    CONFIG(9),
    INFLIGHT_SHMFD(12),
    RESET_DEVICE(13),
    CONFIGURE_MEM_SLOTS(15),
    STATUS(16);

    private final int bit;

    ProtocolFeature(int bit) {
        this.bit = bit;
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
