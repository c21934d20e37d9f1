package dev.postern.lab;

/** The features of every virtio device that a machine can be told to offer or to withhold. */
public enum AdjustableFeature {
    /** Tables of indirect descriptors. */
    INDIRECT_DESC("indirect_desc", 28),
    /** Both sides say at which index they want to be notified. */
    EVENT_IDX("event_idx", 29),
    /** Memory accesses go as the platform says. */
    ACCESS_PLATFORM("access_platform", 33),
    /** Rings in one piece, in the packed form. */
    RING_PACKED("ring_packed", 34),
    /** Buffers are used in the order in which they were made available. */
    IN_ORDER("in_order", 35),
    /** Memory accesses are ordered as the platform says. */
    ORDER_PLATFORM("order_platform", 36),
    /** A notification says how far the driver has come. */
    NOTIFICATION_DATA("notification_data", 38),
    /** A notification carries what the device wants it to. */
    NOTIF_CONFIG_DATA("notif_config_data", 39),
    /** One queue can be reset alone. */
    RING_RESET("ring_reset", 40);

    private final String label;
    private final int bit;

    AdjustableFeature(String label, int bit) {
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
