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
import java.util.Optional;

/** A device of type 42 with one queue, on scripted registers and simulated time. */
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

    /** Gives the device its queue. */
    Virtqueue addQueue() {
        Virtqueue queue = Virtqueue.open(
                new QueueOptions("dev0", 0, 8, 3, QueueOptions.Chaining.DIRECT, QueueOptions.UsedSignals.WANTED),
                context);
        device.addQueue(queue);
        return queue;
    }

    /** Brings the device up with all it offers. */
    Virtqueue live() throws Exception {
        device.negotiate(device.discover());
        Virtqueue queue = addQueue();
        device.goLive();
        return queue;
    }
}
