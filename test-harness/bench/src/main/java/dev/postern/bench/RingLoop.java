package dev.postern.bench;

import dev.postern.virtio.queue.QueueBrokenException;
import dev.postern.virtio.queue.Virtqueue;
import java.util.Arrays;

/**
 * Driver and device of one queue in one thread: a burst of buffers is added and published, used by the device, and taken back. The driver
 * keeps a number for each buffer under the id of its chain, as the C peer keeps a pointer.
 */
final class RingLoop {

    private static final int BUFFER_BYTES = 1500;

    private final Virtqueue queue;
    private final DeviceSide device;
    private final long[] addresses = new long[RingKind.SIZE];
    private final int[] lengths = new int[RingKind.SIZE];
    private final int[] ids = new int[RingKind.SIZE];
    private final int[] usedLengths = new int[RingKind.SIZE];
    private final long[] cookieOf = new long[RingKind.SIZE];
    private long notifications;
    private long returned;

    RingLoop(Virtqueue queue, DeviceSide device) {
        this.queue = queue;
        this.device = device;
        Arrays.setAll(addresses, i -> RingRam.PA + 2048L * i);
        Arrays.fill(lengths, BUFFER_BYTES);
    }

    /** Runs rounds of so many buffers each. */
    void run(int batch, long rounds) throws QueueBrokenException {
        for (long round = 0; round < rounds; round++) {
            add(batch);
            device.use();
            take(batch);
        }
    }

    private void add(int batch) throws QueueBrokenException {
        int added = queue.commitWritable(addresses, lengths, ids, batch);
        for (int i = 0; i < added; i++) {
            cookieOf[ids[i]] = i + 1;
        }
        if (queue.publish()) {
            notifications++;
        }
    }

    private void take(int batch) throws QueueBrokenException {
        int taken = queue.pollUsed(ids, usedLengths, batch);
        long sum = 0;
        for (int i = 0; i < taken; i++) {
            sum += cookieOf[ids[i]];
        }
        returned += sum;
    }

    /**
     * Runs one round and looks whether every buffer went round: a ring that loses them would be fast.
     *
     * @throws IllegalStateException when one did not
     */
    void check(int batch) throws QueueBrokenException {
        long seen = device.seen();
        long before = returned;
        run(batch, 1);
        long expected = 0;
        for (int i = 0; i < batch; i++) {
            expected += addresses[i];
        }
        if (device.seen() - seen != expected || returned - before != (long) batch * (batch + 1) / 2) {
            throw new IllegalStateException("buffers got lost: " + queue);
        }
    }
}
