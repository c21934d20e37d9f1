package dev.postern.virtio.blk;

import dev.postern.dma.DmaMappingException;
import dev.postern.virtio.VirtioException;

/**
 * The requests that one call has in flight, oldest first, and the first thing that went wrong with them. Whatever fails, every request
 * is settled before the call returns: then its buffers are the caller's again. One is made for a disk and used again and again.
 */
final class PendingRequests {

    private final BlkRequest[] requests;
    private int oldest;
    private int count;
    private Exception first;

    /** Room for so many. */
    PendingRequests(int most) {
        requests = new BlkRequest[most];
    }

    /** Forgets an earlier call. */
    void begin() {
        oldest = 0;
        count = 0;
        first = null;
    }

    boolean isFull() {
        return count == requests.length;
    }

    boolean isEmpty() {
        return count == 0;
    }

    boolean failed() {
        return first != null;
    }

    void add(BlkRequest request) {
        int at = oldest + count;
        requests[at < requests.length ? at : at - requests.length] = request;
        count++;
    }

    /** Notes that a request could not even be submitted. */
    void fail(Exception why) {
        first = first == null ? why : first;
    }

    /** Waits for the oldest; what it says is noted. */
    void settleOldest(BlkDevice disk) {
        BlkRequest request = requests[oldest];
        oldest = oldest + 1 < requests.length ? oldest + 1 : 0;
        count--;
        try {
            disk.await(request);
        } catch (VirtioException e) {
            fail(e);
        }
    }

    /** Waits for all of them, and throws what went wrong first. */
    void finish(BlkDevice disk) throws VirtioException {
        while (count > 0) {
            settleOldest(disk);
        }
        switch (first) {
            case null -> {}
            case VirtioException e -> throw e;
            case DmaMappingException e -> throw e;
            default -> throw new IllegalStateException(first);
        }
    }
}
