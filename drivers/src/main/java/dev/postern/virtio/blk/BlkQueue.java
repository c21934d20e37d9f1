package dev.postern.virtio.blk;

import dev.postern.dma.DmaContext;
import dev.postern.dma.DmaDirection;
import dev.postern.dma.DmaMappingException;
import dev.postern.memory.FrameAllocator;
import dev.postern.virtio.DeviceBrokenException;
import dev.postern.virtio.VirtioException;
import dev.postern.virtio.queue.QueueBrokenException;
import dev.postern.virtio.queue.Virtqueue;

/**
 * The requests of one disk queue: maps them, posts them, and takes their answers.
 *
 * <p>A request is a chain of its header (device reads), its data in segments, and its status byte (device writes), each
 * mapped apart (blk:560).
 */
final class BlkQueue implements AutoCloseable {

    private static final byte STATUS_OK = 0;
    private static final byte STATUS_IOERR = 1;
    private static final byte STATUS_UNSUPP = 2;

    private final String device;
    private final Virtqueue queue;
    private final DmaContext dma;
    private final int segmentLimit;
    private final RequestMemory memory;
    private final BlkRequest[] requests;
    private final BlkRequest[] requestOfHead;
    private int free;

    /**
     * A table of requests.
     *
     * @param segmentLimit the longest segment in bytes
     * @param mostSegments the most segments of one request
     * @param depth how many requests there are
     */
    BlkQueue(
            String device,
            Virtqueue queue,
            DmaContext dma,
            FrameAllocator frames,
            int segmentLimit,
            int mostSegments,
            int depth) {
        this.device = device;
        this.queue = queue;
        this.dma = dma;
        this.segmentLimit = segmentLimit;
        memory = new RequestMemory(frames, depth);
        requests = new BlkRequest[depth];
        for (int i = 0; i < depth; i++) {
            requests[i] = new BlkRequest(i, mostSegments);
        }
        requestOfHead = new BlkRequest[queue.size()];
        free = depth;
    }

    int depth() {
        return requests.length;
    }

    boolean hasFreeRequest() {
        return free > 0;
    }

    int inFlight() {
        int count = 0;
        for (BlkRequest request : requests) {
            count += request.state == BlkRequest.State.IN_FLIGHT ? 1 : 0;
        }
        return count;
    }

    /** Takes a free request for the caller to fill. */
    BlkRequest take() {
        for (BlkRequest request : requests) {
            if (request.state == BlkRequest.State.FREE) {
                free--;
                request.state = BlkRequest.State.DONE;
                request.failure = null;
                request.attempts = 0;
                return request;
            }
        }
        throw new IllegalStateException(device + ": no free request; await one first");
    }

    /** Gives a request back after its submitter has seen the answer. */
    void giveBack(BlkRequest request) {
        request.state = BlkRequest.State.FREE;
        free++;
    }

    /**
     * Maps a request and puts it into the ring; {@link #publish} shows it to the device.
     *
     * @return false when the ring has no room now; nothing is mapped then
     * @throws DmaMappingException when a range cannot be mapped; nothing is mapped then
     */
    boolean post(BlkRequest request) throws QueueBrokenException {
        request.segments.clear();
        for (long at = 0; at < request.length; at += segmentLimit) {
            request.segments.add(request.pa + at, Math.min(segmentLimit, request.length - at));
        }
        if (!queue.begin(2 + request.segments.size())) {
            return false;
        }
        memory.write(request.slot, request.operation.type(), request.sector);
        try {
            map(request);
        } catch (DmaMappingException e) {
            queue.abandon();
            throw e;
        }
        queue.readable(dma.deviceAddress(request.headerToken), RequestMemory.HEADER_BYTES);
        for (int i = 0; i < request.segments.size(); i++) {
            int length = (int) request.segments.length(i);
            if (request.operation.direction().deviceWrites()) {
                queue.writable(request.segments.deviceAddress(i), length);
            } else {
                queue.readable(request.segments.deviceAddress(i), length);
            }
        }
        queue.writable(dma.deviceAddress(request.statusToken), RequestMemory.STATUS_BYTES);
        request.head = queue.commit();
        request.state = BlkRequest.State.IN_FLIGHT;
        request.attempts++;
        requestOfHead[request.head] = request;
        return true;
    }

    /** Shows everything posted to the device; says whether it wants to be notified. */
    boolean publish() {
        return queue.publish();
    }

    /**
     * Takes every answer that is there.
     *
     * @throws QueueBrokenException when the device broke the ring; the requests in flight stay so
     */
    void reap() throws QueueBrokenException {
        int head;
        while ((head = queue.pollUsed()) != Virtqueue.NONE) {
            BlkRequest request = requestOfHead[head];
            requestOfHead[head] = null;
            answer(request, queue.usedLength());
        }
    }

    /** Ends every mapping of the requests in flight, after a reset, and then names each of them. */
    void releaseInFlight(java.util.function.Consumer<BlkRequest> unanswered) {
        for (BlkRequest request : requests) {
            if (request.state == BlkRequest.State.IN_FLIGHT) {
                requestOfHead[request.head] = null;
                unmapStatus(request);
                unmapRest(request, 0);
            }
        }
        // Only now: what is sent again takes heads that others had before.
        for (BlkRequest request : requests) {
            if (request.state == BlkRequest.State.IN_FLIGHT) {
                unanswered.accept(request);
            }
        }
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
                mappings += 2 + request.segments.size();
                dma.quarantine(request.headerToken, RequestMemory.HEADER_BYTES);
                dma.quarantine(request.statusToken, RequestMemory.STATUS_BYTES);
                dma.quarantineAll(request.segments);
                finish(request, failure);
            }
        }
        return mappings;
    }

    /** Answers a request. */
    void finish(BlkRequest request, VirtioException failure) {
        request.failure = failure;
        request.state = BlkRequest.State.DONE;
    }

    @Override
    public void close() {
        memory.close();
    }

    private void map(BlkRequest request) {
        request.headerToken =
                dma.map(memory.headerPa(request.slot), RequestMemory.HEADER_BYTES, DmaDirection.TO_DEVICE);
        try {
            // Both directions, so that the value which says "no status was written" reaches a substitute buffer too.
            request.statusToken =
                    dma.map(memory.statusPa(request.slot), RequestMemory.STATUS_BYTES, DmaDirection.BIDIRECTIONAL);
        } catch (DmaMappingException e) {
            unmapHeader(request);
            throw e;
        }
        try {
            dma.mapAll(request.segments, request.operation.direction());
        } catch (DmaMappingException e) {
            unmapStatus(request);
            unmapHeader(request);
            throw e;
        }
    }

    private void answer(BlkRequest request, int usedLength) {
        // The status first, always copied: it says whether the data may be looked at.
        unmapStatus(request);
        byte status = memory.status(request.slot);
        VirtioException failure = failureOf(request, status, usedLength);
        // The checks above leave no other length for a read; a name may be shorter than its buffer.
        unmapRest(request, failure == null ? usedLength - RequestMemory.STATUS_BYTES : 0);
        finish(request, failure);
    }

    private VirtioException failureOf(BlkRequest request, byte status, int usedLength) {
        return switch (status) {
            case STATUS_OK -> checkAnswerLength(request, usedLength);
            case STATUS_IOERR ->
                new BlkIoErrorException("%s: %s: the device reports an I/O error".formatted(device, request));
            case STATUS_UNSUPP ->
                new BlkUnsupportedException("%s: %s: the device does not support it".formatted(device, request));
            case RequestMemory.NO_STATUS ->
                new DeviceBrokenException(
                        "%s: %s: the device answered without writing a status".formatted(device, request));
            default ->
                new DeviceBrokenException("%s: %s: the device answered with the unknown status %d"
                        .formatted(device, request, Byte.toUnsignedInt(status)));
        };
    }

    /** A success that filled less than was asked for is none. */
    private VirtioException checkAnswerLength(BlkRequest request, int usedLength) {
        long data = request.operation == BlkOperation.READ ? request.length : 0;
        if (usedLength >= data + RequestMemory.STATUS_BYTES) {
            return null;
        }
        return new DeviceBrokenException("%s: %s: success, but only %d of %d bytes were written"
                .formatted(device, request, usedLength, data + RequestMemory.STATUS_BYTES));
    }

    private void unmapRest(BlkRequest request, long written) {
        dma.unmapAll(
                request.segments,
                request.operation.direction(),
                request.operation.direction().deviceWrites() ? written : 0);
        unmapHeader(request);
    }

    private void unmapHeader(BlkRequest request) {
        dma.unmap(request.headerToken, RequestMemory.HEADER_BYTES, DmaDirection.TO_DEVICE, 0);
    }

    private void unmapStatus(BlkRequest request) {
        dma.unmap(
                request.statusToken,
                RequestMemory.STATUS_BYTES,
                DmaDirection.BIDIRECTIONAL,
                RequestMemory.STATUS_BYTES);
    }
}
