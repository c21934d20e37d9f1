package dev.postern.virtio.queue;

/**
 * Offsets and sizes of a split virtqueue (split-ring:180–420). All fields are little-endian.
 *
 * <pre>
 * descriptor  0        8     12     14      16
 *             | addr   | len | flags| next |
 * available   0     2   4                4+2n        6+2n
 *             |flags|idx| ring (2 bytes) | used_event |
 * used        0     2   4                4+8n          6+8n
 *             |flags|idx| ring (id, len) | avail_event |
 * </pre>
 */
final class SplitLayout {

    static final int AVAILABLE_ALIGNMENT = 2;
    static final int USED_ALIGNMENT = 4;

    static final long FLAGS = 12;
    static final long NEXT_FIELD = 14;

    static final long RING_FLAGS = 0;
    static final long RING_INDEX = 2;
    static final long RING_ENTRIES = 4;
    static final int AVAILABLE_ENTRY_BYTES = 2;
    static final int USED_ENTRY_BYTES = 8;
    static final long USED_ID = 0;
    static final long USED_LEN = 4;

    /** In the available ring: the driver asks for no interrupts (split-ring:341). */
    static final short AVAIL_NO_INTERRUPT = 1;
    /** In the used ring: the device asks for no notifications (split-ring:520). */
    static final short USED_NO_NOTIFY = 1;

    private SplitLayout() {}

    static long descriptorBytes(int size) {
        return (long) size * Descriptor.BYTES;
    }

    static long availableBytes(int size) {
        return usedEvent(size) + 2;
    }

    static long usedBytes(int size) {
        return availEvent(size) + 2;
    }

    /** Where the driver writes of which used chain it wants to hear, in the available ring. */
    static long usedEvent(int size) {
        return RING_ENTRIES + (long) size * AVAILABLE_ENTRY_BYTES;
    }

    /** Where the device writes of which available chain it wants to hear, in the used ring. */
    static long availEvent(int size) {
        return RING_ENTRIES + (long) size * USED_ENTRY_BYTES;
    }
}
