package dev.postern.virtio.queue;

import dev.postern.dma.DmaConstraints;
import dev.postern.dma.DmaContexts;
import dev.postern.dma.HostileContext;
import dev.postern.virtio.fake.ScriptedPackedQueue;
import dev.postern.virtio.fake.TestRam;

/** A packed queue of each side on a hostile context. Closing it proves that everything was given back. */
final class PackedBench implements AutoCloseable {

    final HostileContext context;
    final Virtqueue queue;
    final ScriptedPackedQueue device;

    PackedBench(QueueOptions options) {
        context = DmaContexts.hostile(1, new TestRam(8 << 20).frames(), DmaConstraints.NONE, "q");
        queue = Virtqueue.open(OnBothCodes.chosen(options), context);
        device = new ScriptedPackedQueue(context.deviceView(), queue.addresses());
    }

    static QueueOptions options(int size, QueueOptions.Chaining chains, QueueOptions.UsedSignals signals) {
        return new QueueOptions(
                "q",
                3,
                size,
                size,
                QueueOptions.Format.PACKED,
                chains,
                signals,
                QueueOptions.EventMarks.FLAGS,
                QueueOptions.UseOrder.ANY);
    }

    /** A polled queue of direct chains. */
    static PackedBench direct(int size) {
        return new PackedBench(options(size, QueueOptions.Chaining.DIRECT, QueueOptions.UsedSignals.SUPPRESSED));
    }

    /** A polled queue whose long chains go through tables. */
    static PackedBench indirect(int size) {
        return new PackedBench(options(size, QueueOptions.Chaining.INDIRECT, QueueOptions.UsedSignals.SUPPRESSED));
    }

    /** Commits a chain of readable buffers and one writable buffer of 512 bytes, without showing it. */
    int commit(int buffers) throws QueueBrokenException {
        if (!queue.begin(buffers)) {
            throw new AssertionError("no room for %d buffers in %s".formatted(buffers, queue));
        }
        for (int i = 0; i < buffers - 1; i++) {
            queue.readable(QueueBench.BUFFER + 16L * i, 16);
        }
        queue.writable(QueueBench.BUFFER + 0x1000, 512);
        return queue.commit();
    }

    /** Commits a chain and shows it. */
    int post(int buffers) throws QueueBrokenException {
        int id = commit(buffers);
        queue.publish();
        return id;
    }

    /** Posts a chain, and has it used and given back. */
    void round(int buffers) throws QueueBrokenException {
        int id = post(buffers);
        device.use(device.take().orElseThrow(), 512);
        if (queue.pollUsed() != id) {
            throw new AssertionError("chain %d did not come back: %s".formatted(id, queue));
        }
    }

    @Override
    public void close() {
        queue.close();
        context.close();
    }
}
