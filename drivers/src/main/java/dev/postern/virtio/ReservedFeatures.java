package dev.postern.virtio;

import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The feature bits that belong to the queue and the transport, not to a device type (content:839, "Reserved Feature Bits"). */
public final class ReservedFeatures {

    /** The device accepts tables of indirect descriptors. */
    public static final int INDIRECT_DESC = 28;

    /** Both sides say at which index they want to be notified. */
    public static final int EVENT_IDX = 29;

    /** The device follows version 1 of the specification or later. */
    public static final int VERSION_1 = 32;

    /** The device's memory accesses are limited or translated as the platform says. */
    public static final int ACCESS_PLATFORM = 33;

    /** The device understands the packed ring. */
    public static final int RING_PACKED = 34;

    /** The device uses buffers in the order in which they were made available. */
    public static final int IN_ORDER = 35;

    /** Memory accesses are ordered as for hardware devices. */
    public static final int ORDER_PLATFORM = 36;

    /** The device supports single-root I/O virtualisation. */
    public static final int SR_IOV = 37;

    /** Notifications carry data. */
    public static final int NOTIFICATION_DATA = 38;

    /** Notifications carry a value chosen by the device. */
    public static final int NOTIF_CONFIG_DATA = 39;

    /** One queue can be reset alone. */
    public static final int RING_RESET = 40;

    /** The device has administration queues. */
    public static final int ADMIN_VQ = 41;

    /** The device can be suspended. */
    public static final int SUSPEND = 43;

    /**
     * For a bit, those without which it is not accepted (content:143): whatever is above bit 31 needs VERSION_1, because an interface
     * that does not follow the specification has no such bits (transport-pci:882).
     */
    public static final Map<Integer, FeatureSet> PREREQUISITES = IntStream.of(
                    ACCESS_PLATFORM,
                    RING_PACKED,
                    IN_ORDER,
                    ORDER_PLATFORM,
                    SR_IOV,
                    NOTIFICATION_DATA,
                    NOTIF_CONFIG_DATA,
                    RING_RESET,
                    ADMIN_VQ,
                    SUSPEND)
            .boxed()
            .collect(Collectors.toUnmodifiableMap(bit -> bit, bit -> FeatureSet.of(VERSION_1)));

    /** Their names, as the specification spells them without prefix, in lower case. */
    static final Map<Integer, String> NAMES = Map.ofEntries(
            Map.entry(24, "notify_on_empty"),
            Map.entry(27, "any_layout"),
            Map.entry(INDIRECT_DESC, "indirect_desc"),
            Map.entry(EVENT_IDX, "event_idx"),
            Map.entry(VERSION_1, "version_1"),
            Map.entry(ACCESS_PLATFORM, "access_platform"),
            Map.entry(RING_PACKED, "ring_packed"),
            Map.entry(IN_ORDER, "in_order"),
            Map.entry(ORDER_PLATFORM, "order_platform"),
            Map.entry(SR_IOV, "sr_iov"),
            Map.entry(NOTIFICATION_DATA, "notification_data"),
            Map.entry(NOTIF_CONFIG_DATA, "notif_config_data"),
            Map.entry(RING_RESET, "ring_reset"),
            Map.entry(ADMIN_VQ, "admin_vq"),
            Map.entry(SUSPEND, "suspend"));

    private ReservedFeatures() {}
}
