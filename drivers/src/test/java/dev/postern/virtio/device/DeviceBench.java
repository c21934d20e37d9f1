package dev.postern.virtio.device;

import dev.postern.dma.DmaConstraints;
import dev.postern.dma.DmaContexts;
import dev.postern.dma.HostileContext;
import dev.postern.interrupt.InterruptRouter;
import dev.postern.virtio.InterruptMode;
import dev.postern.virtio.fake.ScriptedTransport;
import dev.postern.virtio.fake.SimulatedCpu;
import dev.postern.virtio.fake.TestRam;
import dev.postern.virtio.queue.QueueOptions;
import dev.postern.virtio.queue.Virtqueue;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** A device of type 42 with one queue or more, on scripted registers and simulated time. */
final class DeviceBench {

    final TestRam ram = new TestRam(4 << 20);
    final SimulatedCpu cpu;
    final InterruptRouter router;
    final HostileContext context;
    final ScriptedTransport transport;
    final VirtioDevice device;

    DeviceBench(InterruptMode mode, long clockOrigin) {
        cpu = new SimulatedCpu(clockOrigin);
        router = new InterruptRouter(cpu, Optional.empty(), ram.frames());
        context = DmaContexts.hostile(1, ram.frames(), DmaConstraints.NONE, "dev0");
        transport = new ScriptedTransport(42, context.deviceView(), ram, router);
        device = new VirtioDevice("dev0", transport, cpu, router, mode);
    }

    /** A polled device. */
    static DeviceBench polled() {
        return new DeviceBench(InterruptMode.POLLED, 0);
    }

    /** A device that interrupts. */
    static DeviceBench signalled() {
        return new DeviceBench(InterruptMode.MSIX, 0);
    }

    /** Gives the device its only queue. */
    Virtqueue addQueue() {
        return addQueue(0);
    }

    /** Gives the device a queue of eight entries. */
    Virtqueue addQueue(int index) {
        Virtqueue queue = Virtqueue.open(
                new QueueOptions("dev0", index, 8, 3, QueueOptions.Chaining.DIRECT, QueueOptions.UsedSignals.WANTED),
                context);
        device.addQueue(queue);
        return queue;
    }

    /** Brings the device up with all it offers and one queue. */
    Virtqueue live() throws Exception {
        return live(1).getFirst();
    }

    /** Brings the device up with all it offers and queues from 0 on. */
    List<Virtqueue> live(int queues) throws Exception {
        transport.queueCount = queues;
        device.negotiate(device.discover());
        List<Virtqueue> added =
                IntStream.range(0, queues).mapToObj(this::addQueue).toList();
        device.goLive();
        return added;
    }

    /** Shows the device one buffer of one byte. */
    static void post(Virtqueue queue) throws Exception {
        queue.begin(1);
        queue.writable(0x1000, 1);
        queue.commit();
        queue.publish();
    }
}
