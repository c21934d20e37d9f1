package dev.postern.virtio.queue;

import dev.postern.dma.DmaConstraints;
import dev.postern.dma.DmaContexts;
import dev.postern.dma.HostileContext;
import dev.postern.virtio.fake.ScriptedQueue;
import dev.postern.virtio.fake.TestRam;

/** A queue of each side on a hostile context. Closing it proves that everything was given back. */
final class QueueBench implements AutoCloseable {

    /** An address that means nothing: the queue passes addresses through and never looks behind them. */
    static final long BUFFER = 0x1234_5678_9abc_def0L;

    final HostileContext context;
    final Virtqueue queue;
    final ScriptedQueue device;

    QueueBench(long seed, int size, int longestChain, QueueOptions.Chaining chains, QueueOptions.UsedSignals signals) {
        context = DmaContexts.hostile(seed, new TestRam(8 << 20).frames(), DmaConstraints.NONE, "q");
        queue = Virtqueue.open(
                OnBothCodes.chosen(new QueueOptions("q", 3, size, longestChain, chains, signals)), context);
        device = new ScriptedQueue(context.deviceView(), queue.addresses());
    }

    /** A polled queue of direct chains. */
    static QueueBench direct(int size) {
        return new QueueBench(1, size, size, QueueOptions.Chaining.DIRECT, QueueOptions.UsedSignals.SUPPRESSED);
    }

    /** A polled queue whose long chains go through tables. */
    static QueueBench indirect(int size, int longestChain) {
        return new QueueBench(
                1, size, longestChain, QueueOptions.Chaining.INDIRECT, QueueOptions.UsedSignals.SUPPRESSED);
    }

    /** Commits a chain of readable buffers and one writable buffer of 512 bytes, without showing it. */
    int commit(int buffers) throws QueueBrokenException {
        if (!queue.begin(buffers)) {
            throw new AssertionError("no room for %d buffers in %s".formatted(buffers, queue));
        }
        for (int i = 0; i < buffers - 1; i++) {
            queue.readable(BUFFER + 16L * i, 16);
        }
        queue.writable(BUFFER + 0x1000, 512);
        return queue.commit();
    }

    /** Commits a chain and shows it. */
    int post(int buffers) throws QueueBrokenException {
        int head = commit(buffers);
        queue.publish();
        return head;
    }

    @Override
    public void close() {
        queue.close();
        context.close();
    }
}
