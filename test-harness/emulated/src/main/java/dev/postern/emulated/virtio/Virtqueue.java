package dev.postern.emulated.virtio;

import dev.postern.emulated.Completion;
import dev.postern.emulated.board.DeviceWork;
import dev.postern.emulated.dma.DmaPort;
import dev.postern.emulated.virtio.Ring.Look;
import dev.postern.emulated.virtio.VirtioDevice.Board;
import java.lang.invoke.VarHandle;
import java.util.SplittableRandom;

/**
 * One queue of a device, in whichever format was negotiated.
 *
 * <p>A notification marks the queue; when the CPU waits, all that is available then is served as one batch, and so on
 * until nothing is left. What the driver adds without a notification is not seen before the next one. What is malformed makes the
 * device ask for a reset. With IN_ORDER one used element stands for as many buffers as the specification lets it: all but the last
 * were written to their end (split-ring:500, packed-ring:297).
 */
final class Virtqueue {

    private final VirtioDevice device;
    private final int index;
    private final DeviceWork work;
    private final Completion completion;
    private final SplittableRandom order;
    private final Runnable serve = this::serve;
    private final QueueRegisters registers;
    private final SplitRing split;
    private final PackedRing packed;
    private final Batch batch = new Batch();

    private Ring ring;
    private boolean inOrder;
    private boolean hung;

    Virtqueue(VirtioDevice device, int index, VirtioDevice.Options options, DmaPort port, Board board) {
        this.device = device;
        this.index = index;
        this.work = board.work();
        this.completion = board.completion();
        this.order = new SplittableRandom(board.seed() + index);
        this.registers = new QueueRegisters(device, this, index, options.queueSize(), options.resetReads());
        this.split = new SplitRing(device, index, port);
        this.packed = new PackedRing(device, index, port);
        this.ring = split;
    }

    QueueRegisters registers() {
        return registers;
    }

    /** The driver enabled the queue. */
    void begin() {
        ring = device.negotiated(Feature.RING_PACKED) ? packed : split;
        ring.begin(registers);
        inOrder = device.negotiated(Feature.IN_ORDER);
    }

    /** A reset of this queue alone: nothing of it is executed or notified any more (content:416). */
    void reset() {
        letGo();
        forget();
        device.event("queue " + index + " reset");
    }

    /** Unmaps the parts of the ring. */
    void letGo() {
        ring.letGo();
    }

    /** Forgets everything that the driver set up. */
    void forget() {
        work.remove(serve);
        registers.clear();
        hung = false;
    }

    // ---- notifications

    /** The driver notified the queue. */
    void notified() {
        if (!registers.enabled()) {
            device.guestError("transport-pci:509", "queue " + index + " was notified and is not enabled");
            return;
        }
        if (device.tracing()) {
            device.event("queue " + index + " notified");
        }
        work.add(serve);
    }

    /**
     * The driver notified the queue and said where the next chain goes.
     *
     * @param data next_off in the low 15 bits, next_wrap above (content:470)
     */
    void notified(int data) {
        if (registers.enabled() && !ring.truthful(data)) {
            device.guestError(
                    ring.dataClause(),
                    "queue %d was notified with offset %d and wrap counter %d"
                            .formatted(index, data & 0x7fff, data >>> 15));
        }
        notified();
    }

    // ---- operation

    private void serve() {
        if (registers.enabled() && device.live()) {
            ring.map();
        }
        while (registers.enabled() && device.live()) {
            Look first = ring.beginBatch();
            if (first == Look.FAULTY) {
                return;
            }
            if (first == Look.EMPTY) {
                if (ring.caughtUp()) {
                    return;
                }
                continue;
            }
            boolean whole = serveBatch();
            publish();
            if (!whole) {
                return;
            }
        }
    }

    /** Serves what the batch holds; false when the device stops before its end. */
    private boolean serveBatch() {
        batch.clear();
        Look look = Look.READY;
        while (look == Look.READY) {
            if (!serveNext()) {
                return false;
            }
            look = ring.look();
        }
        return look == Look.EMPTY;
    }

    private boolean serveNext() {
        if (hung || !device.script().honest() && misbehaves()) {
            return false;
        }
        if (!ring.take()) {
            return false;
        }
        long request = device.nextRequest();
        if (device.script().breaksAt(request)) {
            device.needsReset("told to at request " + request);
            return false;
        }
        long length = device.type().serve(request, ring.chain);
        if (length == DeviceType.BROKEN) {
            device.needsReset("request " + request + " cannot be answered");
            return false;
        }
        batch.add(ring.id, ring.slots, request, (int) length, ring.chain.writableBytes());
        if (device.tracing()) {
            device.event("queue %d head %d served, %d bytes written".formatted(index, ring.id, length));
        }
        return true;
    }

    /** Whether the device stops instead of taking the upcoming request. */
    private boolean misbehaves() {
        Script script = device.script();
        long request = device.upcomingRequest();
        if (script.stalledAt(request)) {
            return true;
        }
        if (script.hangsAt(request)) {
            // Counted, so that the device works again after a reset.
            device.nextRequest();
            hung = true;
            return true;
        }
        int jump = script.usedIndexJump(request);
        if (jump != 0) {
            device.nextRequest();
            hung = true;
            ring.advance(jump);
            if (ring.expose()) {
                device.bufferUsed(registers.vector());
            }
            return true;
        }
        return false;
    }

    private void publish() {
        if (batch.count() == 0) {
            return;
        }
        if (completion == Completion.SHUFFLED && !inOrder) {
            batch.shuffle(order);
        }
        int at = 0;
        while (at < batch.count()) {
            int last = inOrder ? endOfRun(at) : at;
            int slots = 0;
            for (int i = at; i <= last; i++) {
                slots += batch.slots(i);
            }
            if (!use(last)) {
                device.needsReset("the used ring of queue " + index + " is out of reach");
                return;
            }
            ring.advance(slots);
            at = last + 1;
        }
        if (!ring.expose()) {
            device.needsReset("the used ring of queue " + index + " is out of reach");
            return;
        }
        // Pairs with the driver's fence between its suppression and its look at the ring.
        VarHandle.fullFence();
        if (ring.wanted()) {
            device.bufferUsed(registers.vector());
        }
    }

    /** The last buffer that one used element, put where the one at {@code first} belongs, can stand for. */
    private int endOfRun(int first) {
        int last = first;
        while (last + 1 < batch.count()
                && batch.complete(last)
                && !device.script().tampers(batch.request(last))) {
            last++;
        }
        return last;
    }

    private boolean use(int at) {
        int id = batch.id(at);
        int length = batch.length(at);
        boolean wrote = length != 0;
        Script script = device.script();
        if (!script.honest()) {
            long request = batch.request(at);
            id = script.usedId(request, id);
            length = script.usedLength(request, length);
        }
        return ring.put(0, id, length, wrote);
    }
}
