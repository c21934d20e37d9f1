package dev.postern.app;

import dev.postern.memory.FrameAllocator;
import dev.postern.memory.FrameRequest;
import dev.postern.memory.OutOfFramesException;
import dev.postern.memory.PhysRange;
import dev.postern.virtio.blk.BlkConfiguration;
import dev.postern.virtio.blk.BlkDevice;
import dev.postern.virtio.blk.BlkRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads a disk from end to end with several requests in flight, and hands the pieces on in order.
 *
 * <p>Half of the buffers are asked for at a time, in one burst and with one notification, while the other half is with the device or
 * the consumer: a device that works by itself is never without work, and one that works when it is waited for loses nothing. What is
 * in flight at a time is small enough to stay in a processor's cache until it is consumed. Buffers are taken when the stream is run
 * and given back when it ends, except for those of a device that died.
 */
final class DiskStream {

    private static final int IN_FLIGHT = 8;
    private static final long PIECE = 256 * 1024;

    private final BlkDevice disk;
    private final FrameAllocator frames;

    DiskStream(BlkDevice disk, FrameAllocator frames) {
        this.disk = disk;
        this.frames = frames;
    }

    /** Takes the pieces. */
    @FunctionalInterface
    interface Consumer {
        /**
         * Takes one piece; its buffer is reused after this returns.
         *
         * @param sector where it starts
         * @param pa where it lies in RAM
         * @param bytes whole sectors
         */
        void accept(long sector, long pa, long bytes) throws IOException;
    }

    /** Reads sectors 0 to the end. */
    void forEach(Consumer consumer) throws IOException {
        long end = disk.configuration().capacityBytes();
        long piece = piece();
        List<PhysRange> buffers = buffers(piece);
        BlkRequest[] requests = new BlkRequest[buffers.size()];
        int burst = Math.max(1, requests.length / 2);
        long submitted = 0;
        long consumed = 0;
        int inFlight = 0;
        int next = 0;
        try {
            while (consumed < end) {
                if (requests.length - inFlight >= burst && submitted < end) {
                    while (inFlight < requests.length && submitted < end) {
                        int free = (next + inFlight) % requests.length;
                        long length = Math.min(piece, end - submitted);
                        requests[free] = disk.submitRead(
                                submitted / BlkConfiguration.SECTOR,
                                buffers.get(free).basePa(),
                                length);
                        submitted += length;
                        inFlight++;
                    }
                    disk.kick();
                }
                BlkRequest request = requests[next];
                requests[next] = null;
                inFlight--;
                disk.await(request);
                long length = Math.min(piece, end - consumed);
                consumer.accept(
                        consumed / BlkConfiguration.SECTOR, buffers.get(next).basePa(), length);
                consumed += length;
                next = (next + 1) % requests.length;
            }
        } finally {
            settle(requests);
            buffers.forEach(disk::release);
        }
    }

    /** Whole blocks: both bounds are, and a block may be larger than a piece is else. */
    private long piece() {
        return Math.min(Math.max(PIECE, disk.configuration().blockSize()), disk.largestTransfer());
    }

    /** Every buffer must be free of the device before it goes back. */
    private void settle(BlkRequest[] requests) {
        for (BlkRequest request : requests) {
            if (request != null) {
                try {
                    disk.await(request);
                } catch (IOException e) {
                    // The failure that ended the stream is already on its way to the caller.
                    continue;
                }
            }
        }
    }

    private List<PhysRange> buffers(long piece) {
        List<PhysRange> buffers = new ArrayList<>();
        try {
            for (int i = 0; i < Math.min(IN_FLIGHT, disk.depth()); i++) {
                buffers.add(frames.allocate(piece, FrameRequest.ANY));
            }
        } catch (OutOfFramesException e) {
            if (buffers.isEmpty()) {
                throw e;
            }
        }
        return buffers;
    }
}
