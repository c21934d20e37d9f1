package dev.postern.virtio.queue;

/**
 * Offsets and values of a packed virtqueue (packed-ring:405–445). All fields are little-endian.
 *
 * <pre>
 * descriptor  0        8     12   14      16
 *             | addr   | len | id | flags |
 * events      0                  2        4
 *             | offset:15 wrap:1 | flags:2 |
 * </pre>
 */
final class PackedLayout {

    static final long ID = 12;
    static final long FLAGS = 14;

    /** Differs from {@link #USED} in an available descriptor, and equals the driver's wrap counter. */
    static final short AVAIL = 1 << 7;
    /** Equals {@link #AVAIL} and the device's wrap counter in a used descriptor. */
    static final short USED = (short) (1 << 15);

    static final int EVENT_BYTES = 4;
    static final int EVENT_ALIGNMENT = 4;
    static final long EVENT_FLAGS = 2;
    static final int EVENT_OFFSET = 0x7fff;
    static final int EVENT_WRAP = 0x8000;
    static final int EVENT_FLAGS_MASK = 3;

    /** No event is wanted. */
    static final short EVENTS_DISABLED = 1;
    /** Only the event at the named descriptor is wanted; needs EVENT_IDX. */
    static final int EVENTS_AT_DESCRIPTOR = 2;

    private PackedLayout() {}
}
