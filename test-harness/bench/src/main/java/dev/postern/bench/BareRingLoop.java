package dev.postern.bench;

import dev.postern.virtio.queue.QueueBrokenException;
import dev.postern.virtio.queue.Virtqueue;
import java.util.Arrays;

/** The ring alone: addresses are numbers, and the device writes its buffers. */
final class BareRingLoop extends RingLoop {

    private static final int BUFFER_BYTES = 1500;

    BareRingLoop(Virtqueue queue, DeviceSide device) {
        super(queue, device, BUFFER_BYTES);
        Arrays.setAll(addresses, i -> RingRam.PA + 2048L * i);
    }

    @Override
    void add(int batch) throws QueueBrokenException {
        queue.commitWritable(addresses, lengths, ids, batch);
    }

    @Override
    int take(int batch) throws QueueBrokenException {
        return queue.pollUsed(used, batch);
    }
}
