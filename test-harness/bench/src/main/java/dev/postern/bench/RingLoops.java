package dev.postern.bench;

import dev.postern.dma.DmaConstraints;
import dev.postern.dma.DmaContext;
import dev.postern.dma.DmaContexts;
import dev.postern.dma.DmaMemory;
import dev.postern.dma.DmaPlan;
import dev.postern.virtio.queue.QueueBrokenException;
import dev.postern.virtio.queue.Virtqueue;

/** The queues of a {@link RingSetting}: the one that is timed, and those that run in turns with it so that their code is as warm. */
final class RingLoops implements AutoCloseable {

    private final DmaContext context;
    private final Virtqueue queue;
    private final RingLoop loop;

    private RingLoops(DmaContext context, Virtqueue queue, RingLoop loop) {
        this.context = context;
        this.queue = queue;
        this.loop = loop;
    }

    static RingLoops of(RingSetting setting) {
        DmaContext context = DmaContexts.open(
                new DmaPlan.Direct(0), DmaMemory.plain(RingRam.frames()), DmaConstraints.NONE, "bench");
        Virtqueue queue = Virtqueue.open(setting.ring().options("bench"), context);
        return new RingLoops(context, queue, new RingLoop(queue, setting.ring().device(queue.addresses())));
    }

    /** Runs what is not timed: the queues on other backends. */
    void runUntimed(int batch, long rounds) throws QueueBrokenException {
        loop.check(batch);
    }

    /** Runs the queue that is timed. */
    void runTimed(int batch, long rounds) throws QueueBrokenException {
        loop.run(batch, rounds);
    }

    @Override
    public void close() {
        queue.close();
        context.close();
    }
}
