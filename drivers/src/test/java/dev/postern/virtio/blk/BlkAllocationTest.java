package dev.postern.virtio.blk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.dma.DmaConstraints;
import dev.postern.dma.DmaContext;
import dev.postern.dma.DmaContexts;
import dev.postern.dma.DmaMemory;
import dev.postern.dma.DmaPlan;
import dev.postern.interrupt.InterruptRouter;
import dev.postern.virtio.FeatureSet;
import dev.postern.virtio.InterruptMode;
import dev.postern.virtio.VirtioException;
import dev.postern.virtio.device.VirtioDevice;
import dev.postern.virtio.fake.AllocationMeter;
import dev.postern.virtio.fake.DirectView;
import dev.postern.virtio.fake.MeteredTransport;
import dev.postern.virtio.fake.ScriptedDisk;
import dev.postern.virtio.fake.ScriptedTransport;
import dev.postern.virtio.fake.SimulatedCpu;
import dev.postern.virtio.fake.TestRam;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A disk at work allocates nothing on the Java heap. The scripted device works on the same thread, inside notifications, waits and
 * register accesses; what it allocates there is put aside.
 */
class BlkAllocationTest {

    private static final int REQUESTS = 4000;
    private static final int BURST = 16;
    private static final int ROUNDS = 6;
    /** What the measuring itself may take: far less than a byte for each request. */
    private static final long BOUND_BYTES = 400;

    private final AllocationMeter meter = new AllocationMeter();
    private final BlkRequest[] burst = new BlkRequest[BURST];
    private byte[] kept;

    /** Something done again and again. */
    private interface Work {
        void run(BlkDevice disk, long pa, int turn) throws VirtioException;
    }

    @Test
    void theMeasureSeesWhatTheDriverAllocatesAndNotWhatTheDeviceDoes() {
        meter.start();
        kept = new byte[1 << 16];
        long mine = meter.driverBytes();
        assertTrue(mine >= kept.length, "this JVM counts no allocation");
        long before = meter.allocated();
        kept = new byte[1 << 20];
        meter.putAside(before);
        assertTrue(meter.driverBytes() < 1 << 17, "%d".formatted(meter.driverBytes()));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void oneRequestAtATime(int queues) throws Exception {
        assertAllocatesNothing(queues, (disk, pa, turn) -> {
            BlkRequest request = turn % 2 == 0 ? disk.submitRead(turn % 64, pa, 512) : disk.submitWrite(0, pa, 512);
            disk.kick();
            disk.await(request);
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void bursts(int queues) throws Exception {
        assertAllocatesNothing(queues, (disk, pa, turn) -> {
            for (int i = 0; i < BURST; i++) {
                burst[i] = disk.submitRead(i, pa + i * 512L, 512);
            }
            disk.kick();
            for (int i = 0; i < BURST; i++) {
                disk.await(burst[i]);
            }
        });
    }

    @Test
    void wholeTransfersOfSeveralSegmentsAndFlushes() throws Exception {
        assertAllocatesNothing(1, (disk, pa, turn) -> {
            disk.read(3, pa, 40 * 512);
            disk.write(3, pa, 40 * 512);
            disk.flush();
        });
    }

    private void assertAllocatesNothing(int queues, Work work) throws Exception {
        TestRam ram = new TestRam(16 << 20);
        SimulatedCpu cpu = new SimulatedCpu(0);
        InterruptRouter router = new InterruptRouter(cpu, Optional.empty(), ram.frames());
        DmaContext context =
                DmaContexts.open(new DmaPlan.Direct(0), DmaMemory.plain(ram.frames()), DmaConstraints.NONE, "blk0");
        DirectView view = new DirectView(ram);
        ScriptedTransport transport = new ScriptedTransport(2, view, ram, router);
        transport.offered = BlkBench.FEATURES.union(FeatureSet.of(12));
        transport.queueCount = queues;
        ScriptedDisk device = new ScriptedDisk(transport, view, 256, 7);
        transport.config.putInt(8, 4096).putInt(12, 8).putShort(34, (short) queues);
        cpu.device(() -> {
            long before = meter.allocated();
            device.work();
            device.forget();
            transport.forget();
            meter.putAside(before);
        });
        VirtioDevice found =
                new VirtioDevice("blk0", new MeteredTransport(transport, meter), cpu, router, InterruptMode.POLLED);
        found.negotiate(found.discover());
        BlkDevice disk = BlkDevice.open(found, context, ram.frames());
        assertEquals(queues, disk.queues());
        long pa = ram.buffer(64 * 512);
        long least = Long.MAX_VALUE;
        // The first rounds are interpreted and load classes.
        for (int round = 0; round < ROUNDS; round++) {
            meter.start();
            for (int turn = 0; turn < REQUESTS; turn++) {
                work.run(disk, pa, turn);
            }
            least = Math.min(least, meter.driverBytes());
        }
        assertTrue(least <= BOUND_BYTES, "%d bytes in %d turns".formatted(least, REQUESTS));
        disk.close();
        context.close();
    }
}
