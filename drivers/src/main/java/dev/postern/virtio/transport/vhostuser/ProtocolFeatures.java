package dev.postern.virtio.transport.vhostuser;

/**
 * What front-end and back-end agree to say to each other ("Protocol features").
 *
 * @param bits one for each feature
 */
record ProtocolFeatures(long bits) {

    /** The back-end says how many queues it has. */
    static final int MQ = 0;
    /** Any message can ask for an acknowledgement. */
    static final int REPLY_ACK = 3;
    /** The back-end can make requests, over a stream of its own. */
    static final int BACKEND_REQ = 5;
    /** The configuration space is read and written by messages. */
    static final int CONFIG = 9;
    /** The back-end keeps what is in flight in memory that outlives it. */
    static final int INFLIGHT_SHMFD = 12;
    /** The device can be reset without a new connection. */
    static final int RESET_DEVICE = 13;
    /** Regions of memory are added one by one. */
    static final int CONFIGURE_MEM_SLOTS = 15;
    /** The device status is told and asked. */
    static final int STATUS = 16;

    /** No agreement: a back-end that does not know of such features. */
    static final ProtocolFeatures NONE = new ProtocolFeatures(0);

    /**
     * What is made use of here. Of the others, some are of use to migration alone (LOG_SHMFD, RARP, PAGEFAULT), some belong to devices
     * that nobody here drives, and HOST_NOTIFIER and INBAND_NOTIFICATIONS replace the doorbell by something slower, or by memory that the
     * back-end would choose.
     */
    private static final long SUPPORTED = 1L << MQ
            | 1L << REPLY_ACK
            | 1L << BACKEND_REQ
            | 1L << CONFIG
            | 1L << INFLIGHT_SHMFD
            | 1L << RESET_DEVICE
            | 1L << CONFIGURE_MEM_SLOTS
            | 1L << STATUS;

    /** What to accept of an offer. */
    static ProtocolFeatures acceptedOf(long offered) {
        return new ProtocolFeatures(offered & SUPPORTED);
    }

    boolean has(int bit) {
        return (bits & 1L << bit) != 0;
    }
}
