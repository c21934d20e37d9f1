package dev.postern.stress;

import dev.postern.virtio.queue.QueueBrokenException;
import dev.postern.virtio.queue.QueueOptions;
import dev.postern.virtio.queue.Virtqueue;

/** The driver's side of every test: a real queue of four entries. */
final class StressQueue {

    static final int ENTRIES = 4;

    /** What a chain of two buffers looks like. */
    static final long FIRST_DVA = 0x1111_2222_3333L;

    static final int FIRST_LENGTH = 77;
    static final long SECOND_DVA = 0x4444_5555_6666L;
    static final int SECOND_LENGTH = 99;

    final HeapContext context = new HeapContext();
    final Virtqueue queue;

    StressQueue(QueueOptions.Format format, QueueOptions.Chaining chains, QueueOptions.EventMarks events) {
        queue = Virtqueue.open(
                new QueueOptions(
                        "q",
                        0,
                        ENTRIES,
                        2,
                        format,
                        chains,
                        QueueOptions.UsedSignals.WANTED,
                        events,
                        QueueOptions.UseOrder.ANY),
                context);
    }

    /** Commits a chain of one buffer for the device to read and one to write, and shows it; returns whether to notify. */
    boolean post() {
        commit();
        return queue.publish();
    }

    /** Commits such a chain and does not show it. */
    void commit() {
        try {
            if (!queue.begin(2)) {
                throw new AssertionError("an empty queue has no room");
            }
        } catch (QueueBrokenException e) {
            throw new AssertionError(e);
        }
        queue.readable(FIRST_DVA, FIRST_LENGTH);
        queue.writable(SECOND_DVA, SECOND_LENGTH);
        queue.commit();
    }

    /** Takes a used chain, which must be there. */
    void take() {
        try {
            if (queue.pollUsed() == Virtqueue.NONE) {
                throw new AssertionError("what was used before the race is not there");
            }
        } catch (QueueBrokenException e) {
            throw new AssertionError(e);
        }
    }
}
