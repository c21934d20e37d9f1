package dev.postern.virtio.blk;

import dev.postern.dma.ScatterList;
import dev.postern.virtio.VirtioException;

/**
 * One request on its way. It belongs to its disk, which makes all of them when it is opened and hands them out again and
 * again; its submitter holds it from submission until {@link BlkDevice#await} has answered.
 */
public final class BlkRequest {

    /** Where a request is in its life. */
    enum State {
        FREE,
        IN_FLIGHT,
        DONE
    }

    final int slot;
    final ScatterList segments;
    State state = State.FREE;
    BlkOperation operation;
    long sector;
    long pa;
    long length;
    long deadlineNanos;
    int attempts;
    int head;
    long headerToken;
    long statusToken;
    VirtioException failure;

    BlkRequest(int slot, int mostSegments) {
        this.slot = slot;
        segments = new ScatterList(mostSegments);
    }

    /** Whether the request was answered; {@link BlkDevice#await} then returns at once. */
    public boolean done() {
        return state == State.DONE;
    }

    @Override
    public String toString() {
        return operation == BlkOperation.FLUSH || operation == BlkOperation.GET_ID
                ? operation.name()
                : "%s of %d bytes at sector %d".formatted(operation, length, sector);
    }
}
