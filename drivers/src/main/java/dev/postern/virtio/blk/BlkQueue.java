package dev.postern.virtio.blk;

import dev.postern.dma.DmaContext;
import dev.postern.dma.DmaMappingException;
import dev.postern.virtio.DeviceBrokenException;
import dev.postern.virtio.VirtioException;
import dev.postern.virtio.queue.QueueBrokenException;
import dev.postern.virtio.queue.Virtqueue;

/**
 * The requests of one disk queue: maps their data, posts them, and takes their answers.
 *
 * <p>A request is a chain of its header (device reads), its data in segments, and its status byte (device writes) (blk:435). It shares
 * nothing with the requests of other queues, so that each queue could have a thread of its own.
 *
 * <p><b>Cost:</b> taking, posting, answering and giving back are of constant time and allocate nothing; only what follows a reset
 * goes through all requests.
 */
final class BlkQueue implements AutoCloseable {

    /** Elements of a chain beside its data. */
    static final int HEADER_AND_STATUS = 2;

    private static final byte STATUS_OK = 0;
    private static final byte STATUS_IOERR = 1;
    private static final byte STATUS_UNSUPP = 2;

    private final String device;
    private final Virtqueue ring;
    private final DmaContext dma;
    private final int segmentLimit;
    private final WritesInFlight writes;
    private final RequestMemory memory;
    private final BlkRequest[] requests;
    private final BlkRequest[] requestOfHead;
    /** What the ring gives back at once. */
    private final long[] used;

    /** A stack: the request that came back last is still in the cache. */
    private final BlkRequest[] free;

    private int freeCount;
    private int inFlight;
    /** Those posted since the last {@link #publish}, whose time has not begun. */
    private final BlkRequest[] unshown;

    private int unshownCount;

    /**
     * A table of requests.
     *
     * @param limits of one request
     * @param depth how many requests there are
     * @param writes what all queues of the disk write to
     * @throws DmaMappingException when there is no memory for them; nothing is kept then
     */
    BlkQueue(
            String device,
            Virtqueue ring,
            DmaContext dma,
            TransferLimits limits,
            int depth,
            RequestMemory.Ranges ranges,
            WritesInFlight writes) {
        this.device = device;
        this.ring = ring;
        this.dma = dma;
        segmentLimit = limits.segment();
        this.writes = writes;
        memory = new RequestMemory(dma, depth, ranges);
        requests = new BlkRequest[depth];
        free = new BlkRequest[depth];
        unshown = new BlkRequest[depth];
        for (int slot = depth - 1; slot >= 0; slot--) {
            requests[slot] = new BlkRequest(this, slot, limits.segments(), memory);
            free[freeCount++] = requests[slot];
        }
        requestOfHead = new BlkRequest[ring.size()];
        used = new long[depth];
    }

    int index() {
        return ring.index();
    }

    int depth() {
        return requests.length;
    }

    boolean hasFreeRequest() {
        return freeCount > 0;
    }

    /** Whether a request of so many bytes could be posted at once. */
    boolean hasRoom(long bytes) {
        return freeCount > 0 && ring.hasRoom(HEADER_AND_STATUS + Math.max(1, segmentsOf(bytes)));
    }

    int inFlight() {
        return inFlight;
    }

    /** All of them, in whatever state. */
    BlkRequest[] requests() {
        return requests;
    }

    /** Takes a free request for the caller to fill; there is one. */
    BlkRequest take() {
        BlkRequest request = free[--freeCount];
        request.begin();
        return request;
    }

    /** Gives a request back after its submitter has seen the answer. */
    void giveBack(BlkRequest request) {
        if (request.state != BlkRequest.State.DONE) {
            throw new IllegalStateException("%s: %s is %s and cannot be given back: await each request once"
                    .formatted(device, request, request.state));
        }
        request.state = BlkRequest.State.FREE;
        free[freeCount++] = request;
    }

    /**
     * Maps a request's data and puts it into the ring; {@link #publish} shows it to the device.
     *
     * @return false when the ring has no room now; nothing is mapped then
     * @throws DmaMappingException when a range cannot be mapped; nothing is mapped then
     */
    boolean post(BlkRequest request) throws QueueBrokenException {
        int elements = request.ranges > 0 ? 1 : segmentsOf(request.length);
        if (!ring.begin(HEADER_AND_STATUS + elements)) {
            return false;
        }
        if (request.ranges == 0) {
            mapData(request);
        }
        request.writeForDevice();
        ring.readable(request.headerDva, RequestMemory.HEADER_BYTES);
        if (request.ranges > 0) {
            ring.readable(request.rangesDva, request.ranges * RequestMemory.RANGE_BYTES);
        } else {
            addData(request);
        }
        ring.writable(request.statusDva, RequestMemory.STATUS_BYTES);
        request.head = ring.commit();
        request.state = BlkRequest.State.IN_FLIGHT;
        if (request.attempts == 0) {
            writes.add(request);
        }
        request.attempts++;
        requestOfHead[request.head] = request;
        inFlight++;
        unshown[unshownCount++] = request;
        return true;
    }

    private void mapData(BlkRequest request) {
        for (long at = 0; at < request.length; at += segmentLimit) {
            request.segments.add(request.pa + at, Math.min(segmentLimit, request.length - at));
        }
        try {
            dma.mapAll(request.segments, request.operation.direction());
        } catch (DmaMappingException e) {
            request.segments.clear();
            ring.abandon();
            throw e;
        }
    }

    private void addData(BlkRequest request) {
        boolean deviceWrites = request.operation.direction().deviceWrites();
        for (int i = 0; i < request.segments.size(); i++) {
            if (deviceWrites) {
                ring.writable(request.segments.deviceAddress(i), (int) request.segments.length(i));
            } else {
                ring.readable(request.segments.deviceAddress(i), (int) request.segments.length(i));
            }
        }
    }

    private int segmentsOf(long bytes) {
        // Most are short, and a division takes as long as a descriptor.
        if (bytes <= segmentLimit) {
            return bytes == 0 ? 0 : 1;
        }
        return (int) ((bytes + segmentLimit - 1) / segmentLimit);
    }

    /** Whether requests were posted since the last {@link #publish}. */
    boolean hasUnshown() {
        return unshownCount > 0;
    }

    /**
     * Shows everything posted to the device; says whether it wants to be notified.
     *
     * @param now when the time of what is shown for the first time begins, on the CPU's clock
     */
    boolean publish(long now) {
        startTime(now);
        return ring.publish();
    }

    /** Begins the time of what was posted and never shown. The clock is read once for all of it: it takes as long as a good part of a request. */
    private void startTime(long now) {
        for (int i = 0; i < unshownCount; i++) {
            unshown[i].startTime(now);
        }
        unshownCount = 0;
    }

    /**
     * Takes every answer that is there.
     *
     * @throws QueueBrokenException when the device broke the ring; the requests in flight stay so
     */
    void reap() throws QueueBrokenException {
        int count;
        do {
            // At once, so that the device's index is read once: each look takes its cache line from the device, which
            // wants to write it.
            count = ring.pollUsed(used, used.length);
            for (int i = 0; i < count; i++) {
                int head = Virtqueue.idOf(used[i]);
                BlkRequest request = requestOfHead[head];
                requestOfHead[head] = null;
                inFlight--;
                answer(request, Virtqueue.lengthOf(used[i]));
            }
            // A fault behind good answers is thrown by the next call.
        } while (count == used.length || ring.fault() != null);
    }

    /**
     * Ends every mapping of the requests in flight, after a reset of the device or of this queue. They are lost then.
     *
     * @param now as for {@link #publish}
     */
    void loseInFlight(long now) {
        startTime(now);
        for (BlkRequest request : requests) {
            if (request.state == BlkRequest.State.IN_FLIGHT) {
                requestOfHead[request.head] = null;
                unmapData(request, 0);
                request.state = BlkRequest.State.LOST;
            }
        }
        inFlight = 0;
    }

    /**
     * Answers every request in flight with a failure and keeps its buffers mapped for ever: the device may still write.
     *
     * @return how many mappings stay behind
     */
    int quarantineInFlight(VirtioException failure) {
        int mappings = 0;
        for (BlkRequest request : requests) {
            if (request.state == BlkRequest.State.IN_FLIGHT) {
                mappings += request.segments.size();
                dma.quarantineAll(request.segments);
                finish(request, failure);
            }
        }
        inFlight = 0;
        unshownCount = 0;
        return mappings;
    }

    /** Answers a request that is not in flight any more. */
    void finish(BlkRequest request, VirtioException failure) {
        writes.remove(request);
        request.failure = failure;
        request.state = BlkRequest.State.DONE;
    }

    @Override
    public void close() {
        memory.close();
    }

    private void answer(BlkRequest request, int usedLength) {
        // The status first: it says whether the data may be looked at.
        VirtioException failure = failureOf(request, request.status(), usedLength);
        // The checks leave no other length for a read; a name may be shorter than its buffer.
        unmapData(request, failure == null ? usedLength - RequestMemory.STATUS_BYTES : 0);
        finish(request, failure);
    }

    private VirtioException failureOf(BlkRequest request, byte status, int usedLength) {
        return switch (status) {
            case STATUS_OK -> checkAnswerLength(request, usedLength);
            case STATUS_IOERR ->
                new BlkIoErrorException("%s: %s: the device reports an I/O error%s"
                        .formatted(
                                device,
                                request,
                                // blk:910
                                request.ranges > 1 ? "; which of the ranges were carried out is unknown" : ""));
            case STATUS_UNSUPP ->
                new BlkUnsupportedException("%s: %s: the device does not support it".formatted(device, request));
            case BlkRequest.NO_STATUS ->
                new DeviceBrokenException(
                        "%s: %s: the device answered without writing a status".formatted(device, request));
            default ->
                new DeviceBrokenException("%s: %s: the device answered with the unknown status %d"
                        .formatted(device, request, Byte.toUnsignedInt(status)));
        };
    }

    /** A success that filled less than was asked for is none. */
    private VirtioException checkAnswerLength(BlkRequest request, int usedLength) {
        long data = request.operation.fillsAll() ? request.length : 0;
        if (usedLength >= data + RequestMemory.STATUS_BYTES) {
            return null;
        }
        return new DeviceBrokenException("%s: %s: success, but only %d of %d bytes were written"
                .formatted(device, request, usedLength, data + RequestMemory.STATUS_BYTES));
    }

    private void unmapData(BlkRequest request, long written) {
        dma.unmapAll(
                request.segments,
                request.operation.direction(),
                request.operation.direction().deviceWrites() ? written : 0);
        request.segments.clear();
    }
}
