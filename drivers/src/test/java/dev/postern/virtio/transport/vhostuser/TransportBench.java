package dev.postern.virtio.transport.vhostuser;

import dev.postern.interrupt.InterruptRouter;
import dev.postern.machine.RamRegion;
import dev.postern.virtio.FeatureSet;
import dev.postern.virtio.InterruptMode;
import dev.postern.virtio.fake.SimulatedCpu;
import dev.postern.virtio.fake.TestRam;
import dev.postern.virtio.queue.QueueAddresses;
import dev.postern.virtio.transport.DeviceSignals;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A transport over a fake channel, simulated time, and RAM of which one region has a file behind it. */
final class TransportBench {

    static final long BASE = TestRam.BASE;
    static final long BYTES = 4 << 20;
    static final int FILE = 42;
    static final long OFFSET = 0x2000;

    final SimulatedCpu cpu = new SimulatedCpu(-5_000_000_000L);
    final TestRam ram = new TestRam(BYTES);
    final InterruptRouter router = new InterruptRouter(cpu, Optional.empty(), ram.frames());
    final FakeBackEnd backEnd = new FakeBackEnd(cpu);
    final List<String> signals = new ArrayList<>();
    VhostUserTransport transport;

    private final DeviceSignals heard = new DeviceSignals() {
        @Override
        public void queueSignalled(int queue) {
            signals.add("queue " + queue);
        }

        @Override
        public void configurationChanged() {
            signals.add("configuration");
        }
    };

    TransportBench() {
        over(List.of(shared(BASE), new RamRegion(0x2_0000_0000L, ram.at(BASE, 4096))));
    }

    /** A transport of a machine with such RAM. */
    void over(List<RamRegion> regions) {
        transport = VhostUserTransport.open(
                new FakeMachine(cpu, regions, backEnd), backEnd, router, offered -> offered.has(17) ? 96 : 60);
    }

    /** A region with a file behind it, of whatever bytes. */
    RamRegion shared(long base) {
        return new RamRegion(base, ram.at(BASE, BYTES), Optional.of(new RamRegion.Backing(FILE, OFFSET, 4096)));
    }

    /** As far as FEATURES_OK, with all that is offered. */
    void negotiated() throws Exception {
        transport.writeStatus(0);
        transport.readStatus();
        transport.writeStatus(1);
        transport.writeStatus(3);
        FeatureSet offered = transport.offeredFeatures();
        transport.writeAcceptedFeatures(offered);
        transport.writeStatus(11);
    }

    void connected(InterruptMode mode) throws Exception {
        negotiated();
        transport.connectInterrupts(mode, 1, heard);
        transport.enableQueue(0, new QueueAddresses(64, BASE, BASE + 0x1000, BASE + 0x2000));
    }

    /** A device that is live, with one queue. */
    void live(InterruptMode mode) throws Exception {
        connected(mode);
        transport.allowDma();
        transport.writeStatus(15);
    }

    /** Resets, and says how long it took in simulated nanoseconds; -1 when it did not end within six seconds. */
    long reset() {
        long start = cpu.elapsed();
        transport.writeStatus(0);
        while (transport.readStatus() != 0) {
            if (cpu.elapsed() - start > 6_000_000_000L) {
                return -1;
            }
            cpu.relax();
        }
        return cpu.elapsed() - start;
    }
}
