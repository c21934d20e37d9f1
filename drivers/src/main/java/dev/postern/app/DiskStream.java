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
 * <p>While a piece is with the consumer the next ones are being read. Buffers are taken when the stream is run and given back
 * when it ends, except for those of a device that died.
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
        long end = disk.sectors() * BlkConfiguration.SECTOR;
        long piece = Math.min(PIECE, disk.largestTransfer());
        List<PhysRange> buffers = buffers(piece);
        BlkRequest[] requests = new BlkRequest[buffers.size()];
        long[] lengths = new long[buffers.size()];
        long submitted = 0;
        long consumed = 0;
        try {
            for (int next = 0; consumed < end; next = (next + 1) % requests.length) {
                for (int i = 0; i < requests.length && submitted < end; i++) {
                    int free = (next + i) % requests.length;
                    if (requests[free] == null) {
                        lengths[free] = Math.min(piece, end - submitted);
                        requests[free] = disk.submitRead(
                                submitted / BlkConfiguration.SECTOR,
                                buffers.get(free).basePa(),
                                lengths[free]);
                        submitted += lengths[free];
                    }
                }
                BlkRequest request = requests[next];
                requests[next] = null;
                disk.await(request);
                consumer.accept(
                        consumed / BlkConfiguration.SECTOR, buffers.get(next).basePa(), lengths[next]);
                consumed += lengths[next];
            }
        } finally {
            settle(requests);
            buffers.forEach(disk::release);
        }
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
