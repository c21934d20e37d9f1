package dev.postern.dma.backend;

import dev.postern.dma.DmaDirection;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * One live mapping of the hostile context: the driver's buffer and the memory that the device has in its place. The
 * caller holds the lock of the context and has checked every range.
 */
final class Substitute {

    private final MemorySegment buffer;
    private final Grant grant;
    /** What a FROM_DEVICE buffer held before the mapping; null until a sync overwrites a part of it. */
    private MemorySegment before;

    Substitute(MemorySegment buffer, Grant grant) {
        this.buffer = buffer;
        this.grant = grant;
        if (direction().deviceReads()) {
            grant.memory().copyFrom(buffer);
        }
    }

    Grant grant() {
        return grant;
    }

    DmaDirection direction() {
        return grant.direction();
    }

    long length() {
        return buffer.byteSize();
    }

    /** Shows the driver what the device wrote in a range. */
    void toCpu(long offset, long length) {
        if (!direction().deviceWrites()) {
            return;
        }
        if (direction() == DmaDirection.FROM_DEVICE && before == null) {
            before = MemorySegment.ofArray(buffer.toArray(ValueLayout.JAVA_BYTE));
        }
        MemorySegment.copy(grant.memory(), offset, buffer, offset, length);
    }

    /** Shows the device what the driver wrote in a range. */
    void toDevice(long offset, long length) {
        if (direction().deviceReads()) {
            MemorySegment.copy(buffer, offset, grant.memory(), offset, length);
        }
    }

    /** Shows the driver the first {@code written} bytes for good; the rest is as it was before the mapping. */
    void finish(long written) {
        if (direction().deviceWrites()) {
            MemorySegment.copy(grant.memory(), 0, buffer, 0, written);
        }
        if (before != null) {
            // A sync may have shown poison, or what the device wrote without saying so.
            MemorySegment.copy(before, written, buffer, written, length() - written);
        }
    }
}
