package dev.postern.virtio.queue;

import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** What the descriptors of both formats have in common (split-ring:180, packed-ring:405). All fields are little-endian. */
final class Descriptor {

    static final int BYTES = 16;
    static final int ALIGNMENT = 16;

    static final long ADDR = 0;
    static final long LEN = 8;

    /** The chain goes on. */
    static final short NEXT = 1;
    /** The device writes this buffer; without it, the device reads. */
    static final short WRITE = 2;
    /** The buffer is a table of descriptors. */
    static final short INDIRECT = 4;

    /** For index and flags, which are also stored with release and loaded with acquire. */
    static final VarHandle U16 =
            ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

    static final VarHandle U32 =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
    /** Without a promise of alignment, which a used element does not give and nothing here needs. */
    static final VarHandle U64 =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

    /** Aligned, so that all of it is read at once. */
    static final VarHandle WORD =
            ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

    private Descriptor() {}

    /**
     * Whether a side that asked to hear of the event at a place has to be told after going from {@code before} to {@code now}; all are
     * running indices modulo 2^16, so that any burst up to 2^15 is told once (split-ring:535, packed-ring:650).
     */
    static boolean passed(int event, int before, int now) {
        return (now - event - 1 & 0xffff) < (now - before & 0xffff);
    }
}
