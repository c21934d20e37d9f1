package dev.postern.bench;

import dev.postern.dma.DmaContext;
import dev.postern.virtio.queue.QueueBrokenException;
import dev.postern.virtio.queue.Virtqueue;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** The queues of a {@link RingSetting}: the one that is timed, and those on other backends that run in turns with it. */
final class RingLoops implements AutoCloseable {

    /** How much less the other queues run: enough to keep their types in every profile. */
    private static final int OTHERS_PART = 16;

    private final RingRam ram = new RingRam();
    private final Deque<Runnable> closings = new ArrayDeque<>();
    private final RingLoop timed;
    private final List<RingLoop> others = new ArrayList<>();

    RingLoops(RingSetting setting) {
        timed = loop(setting, RingBackend.DIRECT);
        for (RingBackend backend : RingBackend.values()) {
            if (backend != RingBackend.DIRECT && backend.ordinal() < setting.backends()) {
                others.add(loop(setting, backend));
            }
        }
    }

    private RingLoop loop(RingSetting setting, RingBackend backend) {
        DmaContext context = backend.open(ram);
        closings.push(context::close);
        Virtqueue queue = Virtqueue.open(setting.ring().options("bench", setting.code()), context);
        closings.push(queue::close);
        DeviceSide device = setting.ring().device(queue.addresses());
        return setting.backends() == 0
                ? new BareRingLoop(queue, device)
                : new MappedRingLoop(queue, device, context, RingRam.BUFFERS_PA);
    }

    /** Runs what is not timed: the queues on other backends. */
    void runUntimed(int batch, long rounds) throws QueueBrokenException {
        for (RingLoop other : others) {
            other.check(batch);
            other.run(batch, rounds / OTHERS_PART);
        }
        timed.check(batch);
    }

    /** Runs the queue that is timed. */
    void runTimed(int batch, long rounds) throws QueueBrokenException {
        timed.run(batch, rounds);
    }

    /** Last opened, first closed. */
    @Override
    public void close() {
        closings.forEach(Runnable::run);
    }
}
