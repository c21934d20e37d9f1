package dev.postern.virtio.blk;

import dev.postern.dma.ScatterList;
import dev.postern.virtio.VirtioException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.time.Duration;

/**
 * One request on its way. It belongs to its disk, which makes all of them when it is opened and hands them out again and
 * again; its submitter holds it from submission until {@link BlkDevice#await} has answered.
 */
public final class BlkRequest {

    /** Where a request is in its life. */
    enum State {
        FREE,
        IN_FLIGHT,
        /** It was in flight when the device or its queue was reset. */
        LOST,
        DONE
    }

    /** Never a status a device writes; says that it wrote none. */
    static final byte NO_STATUS = (byte) 0xff;

    /** blk:483, bit 0 of the flags. */
    private static final int UNMAP = 1;

    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

    final BlkQueue queue;
    final int slot;
    final ScatterList segments;
    final long headerDva;
    final long statusDva;
    final long rangesDva;
    private final MemorySegment header;
    private final MemorySegment statusByte;
    private final MemorySegment rangeTable;
    /** The ranges in memory that the device cannot reach, for when they are sent again. */
    final long[] rangeFirsts;

    final long[] rangeCounts;

    State state = State.FREE;
    BlkOperation operation;
    Allocation allocation;
    long sector;
    long pa;
    long length;
    int ranges;
    /** When its time is over; meaningful once it has begun. */
    long deadlineNanos;
    /** How long it may take, from when it is first shown to the device. */
    Duration allowed;

    /** The same in nanoseconds. */
    long allowedNanos;

    private boolean timed;

    int attempts;
    int head;
    /** Where its ranges stand among the {@link WritesInFlight}, and how many do. */
    final int[] writePlaces;

    int notedWrites;
    VirtioException failure;

    BlkRequest(BlkQueue queue, int slot, int mostSegments, RequestMemory memory) {
        this.queue = queue;
        this.slot = slot;
        segments = new ScatterList(mostSegments);
        header = memory.headers.slot(slot);
        headerDva = memory.headers.dva(slot);
        statusByte = memory.statuses.slot(slot);
        statusDva = memory.statuses.dva(slot);
        boolean sendsRanges = memory.ranges != null;
        rangeTable = sendsRanges ? memory.ranges.slot(slot) : MemorySegment.NULL;
        rangesDva = sendsRanges ? memory.ranges.dva(slot) : 0;
        rangeFirsts = new long[sendsRanges ? RequestMemory.MOST_RANGES : 0];
        rangeCounts = new long[rangeFirsts.length];
        writePlaces = new int[Math.max(1, rangeFirsts.length)];
    }

    /** Whether the request was answered; {@link BlkDevice#await} then returns at once. */
    public boolean done() {
        return state == State.DONE;
    }

    /** Makes it new, for the next submitter. */
    void begin() {
        state = State.DONE;
        failure = null;
        attempts = 0;
        ranges = 0;
        timed = false;
    }

    /** Begins its time, once: what is sent again has what is left of it. */
    void startTime(long now) {
        if (!timed) {
            timed = true;
            deadlineNanos = now + allowedNanos;
        }
    }

    /** Whether its submitter still waits for an answer. */
    boolean unanswered() {
        return state == State.IN_FLIGHT || state == State.LOST;
    }

    /**
     * Writes header (type, reserved, sector; blk:435) and ranges, and takes the last status away. Plain stores: the queue's release
     * store of the index, or of the flags, comes after them.
     */
    void writeForDevice() {
        header.set(U64, 0, Integer.toUnsignedLong(operation.type()));
        header.set(U64, 8, sector);
        statusByte.set(ValueLayout.JAVA_BYTE, 0, NO_STATUS);
        for (int i = 0; i < ranges; i++) {
            long at = (long) i * RequestMemory.RANGE_BYTES;
            rangeTable.set(U64, at, rangeFirsts[i]);
            rangeTable.set(U32, at + 8, (int) rangeCounts[i]);
            // blk:906: zero for all but write-zeroes.
            rangeTable.set(U32, at + 12, allocation == Allocation.MAY_RELEASE ? UNMAP : 0);
        }
    }

    /** How many ranges of sectors it writes to. */
    int writtenRanges() {
        return ranges > 0 ? ranges : operation == BlkOperation.WRITE ? 1 : 0;
    }

    /** The first sector of such a range. */
    long writtenFirst(int range) {
        return ranges > 0 ? rangeFirsts[range] : sector;
    }

    /** The sector behind its last. */
    long writtenEnd(int range) {
        return ranges > 0 ? rangeFirsts[range] + rangeCounts[range] : sector + length / BlkConfiguration.SECTOR;
    }

    /** The status as it is now: one read, after the queue has acquired the device's answer. */
    byte status() {
        return statusByte.get(ValueLayout.JAVA_BYTE, 0);
    }

    @Override
    public String toString() {
        if (ranges > 0) {
            return "%s of %d ranges from sector %d on".formatted(operation, ranges, rangeFirsts[0]);
        }
        return operation == BlkOperation.READ || operation == BlkOperation.WRITE
                ? "%s of %d bytes at sector %d".formatted(operation, length, sector)
                : operation.name();
    }
}
