package dev.postern.bench;

import dev.postern.dma.DmaContext;
import dev.postern.dma.DmaDirection;
import dev.postern.virtio.queue.QueueBrokenException;
import dev.postern.virtio.queue.Virtqueue;

/** The ring as a driver uses it: each buffer is mapped before it is added, and unmapped when it came back. The device reads it. */
final class MappedRingLoop extends RingLoop {

    private static final int BUFFER_BYTES = 64;

    private final DmaContext context;
    private final long buffersPa;
    private final long[] tokens = new long[RingKind.SIZE];
    private final long[] tokenOf = new long[RingKind.SIZE];

    MappedRingLoop(Virtqueue queue, DeviceSide device, DmaContext context, long buffersPa) {
        super(queue, device, BUFFER_BYTES);
        this.context = context;
        this.buffersPa = buffersPa;
    }

    @Override
    void add(int batch) throws QueueBrokenException {
        for (int i = 0; i < batch; i++) {
            tokens[i] = context.map(buffersPa + (long) i * BUFFER_BYTES, BUFFER_BYTES, DmaDirection.TO_DEVICE);
            addresses[i] = context.deviceAddress(tokens[i]);
        }
        queue.commitReadable(addresses, lengths, ids, batch);
        for (int i = 0; i < batch; i++) {
            tokenOf[ids[i]] = tokens[i];
        }
    }

    @Override
    int take(int batch) throws QueueBrokenException {
        int taken = queue.pollUsed(used, batch);
        for (int i = 0; i < taken; i++) {
            context.unmap(tokenOf[Virtqueue.idOf(used[i])], BUFFER_BYTES, DmaDirection.TO_DEVICE, 0);
        }
        return taken;
    }
}
