package dev.postern.lab;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * A descriptor where a device finds it, in a ring or in a table. What a test writes there, the device gets to read.
 *
 * @param bytes its 16 bytes
 * @param flagsAt where its flags are: at 12 in a split ring (split-ring:185), at 14 in a packed one (packed-ring:412)
 */
record LiveDescriptor(MemorySegment bytes, int flagsAt) {

    static final int BYTES = 16;
    static final int NEXT = 1;
    static final int WRITE = 2;
    static final int INDIRECT = 4;

    private static final int SPLIT_FLAGS = 12;
    private static final int PACKED_FLAGS = 14;
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** One of a split ring or of a table in it. */
    static LiveDescriptor split(MemorySegment area, int slot) {
        return new LiveDescriptor(area.asSlice((long) slot * BYTES, BYTES), SPLIT_FLAGS);
    }

    /** One of a packed ring or of a table in it. */
    static LiveDescriptor packed(MemorySegment area, int slot) {
        return new LiveDescriptor(area.asSlice((long) slot * BYTES, BYTES), PACKED_FLAGS);
    }

    long address() {
        return bytes.get(U64, 0);
    }

    int length() {
        return bytes.get(U32, 8);
    }

    void length(int length) {
        bytes.set(U32, 8, length);
    }

    int flags() {
        return Short.toUnsignedInt(bytes.get(U16, flagsAt));
    }

    void flags(int flags) {
        bytes.set(U16, flagsAt, (short) flags);
    }

    boolean has(int flag) {
        return (flags() & flag) != 0;
    }

    void set(int flag) {
        flags(flags() | flag);
    }

    void clear(int flag) {
        flags(flags() & ~flag);
    }

    /** Where a split ring goes on, or the id of a buffer in a packed one. */
    int link() {
        return Short.toUnsignedInt(bytes.get(U16, linkAt()));
    }

    void link(int link) {
        bytes.set(U16, linkAt(), (short) link);
    }

    private int linkAt() {
        return SPLIT_FLAGS + PACKED_FLAGS - flagsAt;
    }

    /** Makes it the same as another, flags included. */
    void copyOf(LiveDescriptor other) {
        bytes.copyFrom(other.bytes);
    }
}
