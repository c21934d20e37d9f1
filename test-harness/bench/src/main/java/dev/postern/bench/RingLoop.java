package dev.postern.bench;

import dev.postern.virtio.queue.QueueBrokenException;
import dev.postern.virtio.queue.Virtqueue;
import java.util.Arrays;

/**
 * Driver and device of one queue in one thread: a burst of buffers is added and published, used by the device, and taken back. The driver
 * learns the id of each buffer when it is added, and its id and length when it comes back.
 */
abstract sealed class RingLoop permits BareRingLoop, MappedRingLoop {

    final Virtqueue queue;
    final DeviceSide device;
    final long[] addresses = new long[RingKind.SIZE];
    final int[] lengths = new int[RingKind.SIZE];
    final int[] ids = new int[RingKind.SIZE];
    final long[] used = new long[RingKind.SIZE];
    private long notifications;
    private long taken;

    RingLoop(Virtqueue queue, DeviceSide device, int bufferBytes) {
        this.queue = queue;
        this.device = device;
        Arrays.fill(lengths, bufferBytes);
    }

    /** Runs rounds of so many buffers each. */
    final void run(int batch, long rounds) throws QueueBrokenException {
        for (long round = 0; round < rounds; round++) {
            add(batch);
            if (queue.publish()) {
                notifications++;
            }
            device.use();
            taken += take(batch);
        }
    }

    /** Adds a burst. */
    abstract void add(int batch) throws QueueBrokenException;

    /** Takes a burst back. */
    abstract int take(int batch) throws QueueBrokenException;

    /**
     * Runs one round and looks whether every buffer went round: a ring that loses them would be fast.
     *
     * @throws IllegalStateException when one did not
     */
    final void check(int batch) throws QueueBrokenException {
        long seen = device.seen();
        long before = taken;
        run(batch, 1);
        long expected = 0;
        for (int i = 0; i < batch; i++) {
            expected += addresses[i];
        }
        if (device.seen() - seen != expected || taken - before != batch || !sameIds(batch)) {
            throw new IllegalStateException("buffers got lost: " + queue);
        }
        if (notifications + device.signals() != 0) {
            throw new IllegalStateException("a side that polls was notified: " + queue);
        }
    }

    private boolean sameIds(int batch) {
        for (int i = 0; i < batch; i++) {
            if (Virtqueue.idOf(used[i]) != ids[i]) {
                return false;
            }
        }
        return true;
    }
}
