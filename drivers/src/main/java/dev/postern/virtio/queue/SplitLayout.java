package dev.postern.virtio.queue;

import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Offsets, sizes and accessors of a split virtqueue (split-ring:180–420). All fields are little-endian.
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

    static final int DESCRIPTOR_BYTES = 16;
    static final int DESCRIPTOR_ALIGNMENT = 16;
    static final int AVAILABLE_ALIGNMENT = 2;
    static final int USED_ALIGNMENT = 4;

    static final long DESC_ADDR = 0;
    static final long DESC_LEN = 8;
    static final long DESC_FLAGS = 12;
    static final long DESC_NEXT = 14;

    /** The chain goes on at {@code next}. */
    static final short FLAG_NEXT = 1;
    /** The device writes this buffer; without it, the device reads. */
    static final short FLAG_WRITE = 2;
    /** The buffer is a table of descriptors. */
    static final short FLAG_INDIRECT = 4;

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

    static final VarHandle U16 =
            ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
    static final VarHandle U32 =
            ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
    static final VarHandle U64 =
            ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

    private SplitLayout() {}

    static long descriptorBytes(int size) {
        return (long) size * DESCRIPTOR_BYTES;
    }

    static long availableBytes(int size) {
        return RING_ENTRIES + (long) size * AVAILABLE_ENTRY_BYTES + 2;
    }

    static long usedBytes(int size) {
        return RING_ENTRIES + (long) size * USED_ENTRY_BYTES + 2;
    }
}
