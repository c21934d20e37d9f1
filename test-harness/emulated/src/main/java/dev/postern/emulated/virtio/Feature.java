package dev.postern.emulated.virtio;

/** Feature bits that belong to no device type (virtio 1.4, Reserved Feature Bits). */
public final class Feature {

    /** Indirect descriptors. */
    public static final int INDIRECT_DESC = 28;

    /** Notification suppression by index. */
    public static final int EVENT_IDX = 29;

    /** Not a legacy device. */
    public static final int VERSION_1 = 32;

    /** The device's accesses are limited or translated as the platform says. */
    public static final int ACCESS_PLATFORM = 33;

    /** Queues have the packed format. */
    public static final int RING_PACKED = 34;

    /** Buffers are used in the order in which they were made available. */
    public static final int IN_ORDER = 35;

    /** Memory is ordered as the platform describes. */
    public static final int ORDER_PLATFORM = 36;

    /** A notification says where the next buffer goes. */
    public static final int NOTIFICATION_DATA = 38;

    /** A notification names its queue by a value that the device gives. */
    public static final int NOTIF_CONFIG_DATA = 39;

    /** A queue can be reset on its own. */
    public static final int RING_RESET = 40;

    private Feature() {}
}
