package dev.postern.virtio.blk;

import dev.postern.memory.FrameAllocator;
import dev.postern.memory.FrameRequest;
import dev.postern.memory.PhysRange;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Headers and status bytes of all requests of a disk, in pages that hold nothing else: what stands beside them in a page
 * could be read by the device (XSA-403), and what the device writes must not fall beside private data.
 *
 * <p>Header: type (4 bytes), reserved (4), sector (8). Each header and each status has a cache line of its own.
 */
final class RequestMemory implements AutoCloseable {

    static final int HEADER_BYTES = 16;
    static final int STATUS_BYTES = 1;

    /** Never a status a device writes; says that it wrote none. */
    static final byte NO_STATUS = (byte) 0xff;

    private static final int LINE = 64;
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final FrameAllocator frames;
    private final PhysRange headers;
    private final PhysRange statuses;
    private final MemorySegment headerArea;
    private final MemorySegment statusArea;

    RequestMemory(FrameAllocator frames, int requests) {
        this.frames = frames;
        headers = frames.allocate((long) requests * LINE, FrameRequest.ANY);
        try {
            statuses = frames.allocate((long) requests * LINE, FrameRequest.ANY);
        } catch (RuntimeException e) {
            frames.free(headers);
            throw e;
        }
        headerArea = frames.memory().slice(headers.basePa(), headers.length());
        statusArea = frames.memory().slice(statuses.basePa(), statuses.length());
    }

    long headerPa(int slot) {
        return headers.basePa() + (long) slot * LINE;
    }

    long statusPa(int slot) {
        return statuses.basePa() + (long) slot * LINE;
    }

    void write(int slot, int type, long sector) {
        long at = (long) slot * LINE;
        headerArea.set(U32, at, type);
        headerArea.set(U32, at + 4, 0);
        headerArea.set(U64, at + 8, sector);
        statusArea.set(ValueLayout.JAVA_BYTE, at, NO_STATUS);
    }

    byte status(int slot) {
        return statusArea.get(ValueLayout.JAVA_BYTE, (long) slot * LINE);
    }

    @Override
    public void close() {
        frames.free(headers);
        frames.free(statuses);
    }
}
