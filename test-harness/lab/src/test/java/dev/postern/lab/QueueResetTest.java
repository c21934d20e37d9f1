package dev.postern.lab;

import static dev.postern.lab.DiskAccess.READ_ONLY;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.boot.BootOptions;
import dev.postern.boot.DeviceReport;
import dev.postern.dma.DmaContext;
import dev.postern.dma.DmaDirection;
import dev.postern.facts.Fact;
import dev.postern.machine.Machine;
import dev.postern.memory.PhysRange;
import dev.postern.quirks.FactName;
import dev.postern.virtio.DeviceDeadException;
import dev.postern.virtio.FeatureSet;
import dev.postern.virtio.InterruptMode;
import dev.postern.virtio.ReservedFeatures;
import dev.postern.virtio.device.VirtioDevice;
import dev.postern.virtio.queue.Virtqueue;
import dev.postern.virtio.transport.pci.PciTransport;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;

/** A queue of a disk that no driver holds is reset alone and serves again, in both machines by the same registers. */
@OnEveryPciMachine
class QueueResetTest {

    private static final int SECTOR = 512;
    private static final int SECTORS = 8;
    private static final int HEADER = 16;
    private static final long SECOND = 1_000_000_000L;

    @Parameter
    Setting setting;

    @TempDir
    Path folder;

    @Test
    @Clause({"content:424", "content:442", "transport-pci:518", "transport-pci:520"})
    void aQueueServesAgainAfterEachResetAndKnowsNothingOfWhatWasInIt() throws Exception {
        Path image = Images.random(folder, "image", SECTORS * SECTOR);
        byte[] expected = Files.readAllBytes(image);
        LabDevice.Disk disk = new LabDevice.Disk("d0", image, READ_ONLY).offering(AdjustableFeature.RING_RESET);
        try (Trial trial = Trial.boot(setting, QueueResetTest::leftAlone, disk)) {
            assertEquals(
                    DeviceReport.Result.REFUSED,
                    trial.guest().devices().getFirst().outcome());
            try (Request request = new Request(trial)) {
                for (int sector = 0; sector < SECTORS; sector++) {
                    byte[] bytes = request.read(sector);
                    assertArrayEquals(Arrays.copyOfRange(expected, sector * SECTOR, (sector + 1) * SECTOR), bytes);
                    // The device was shown this one and is not told of it: it may or may not know.
                    assertTrue(request.post(sector));
                    request.device.recoverQueue(0);
                    assertEquals(0, request.queue.outstanding());
                    assertFalse(request.device.needsReset());
                }
                assertEquals(SECTORS, request.device.recoveries());
            }
        }
    }

    /** A guest whose fences are too weak for a device in hardware: it refuses the disk, and nothing else is wrong with it. */
    private static BootOptions leftAlone(BootOptions options) {
        return options.withClaims(options.claims()
                .with(FactName.BARRIERS, Fact.of("device", "claim of a test"))
                .with(FactName.FENCES, Fact.of("cpus-only", "claim of a test")));
    }

    /** One request at a time in queue 0 of the only disk. */
    private static final class Request implements AutoCloseable {

        private final Trial trial;
        private final DmaContext dma;
        private final VirtioDevice device;
        private final Virtqueue queue;
        private final PhysRange header;
        private final PhysRange data;
        private final PhysRange status;
        private final long[] tokens = new long[3];

        Request(Trial trial) throws Exception {
            this.trial = trial;
            Machine machine = trial.machine().machine();
            PciTransport transport = PciTransport.open(
                    RawVirtio.of(trial).getFirst().function(),
                    "d0",
                    machine.registers(),
                    trial.guest().interrupts(),
                    PciTransport.NO_LINE);
            device = new VirtioDevice(
                    "d0", transport, machine.cpu(), trial.guest().interrupts(), InterruptMode.POLLED);
            FeatureSet wanted = FeatureSet.of(ReservedFeatures.VERSION_1, ReservedFeatures.RING_RESET);
            device.negotiate(device.discover().intersect(wanted));
            assertTrue(device.canResetQueues());
            dma = trial.openContext("d0");
            queue = Virtqueue.open(device.queueOptions(0, 8, 3), dma);
            device.addQueue(queue);
            device.goLive();
            header = trial.buffer(HEADER);
            data = trial.buffer(SECTOR);
            status = trial.buffer(1);
            map();
        }

        /** blk:560: a header, the data, a status byte. The mapping is made anew for each, because the header is copied by it. */
        boolean post(int sector) throws Exception {
            unmap(0);
            MemorySegment bytes = trial.bytes(header);
            bytes.fill((byte) 0);
            bytes.set(ValueLayout.JAVA_BYTE, 8, (byte) sector);
            map();
            assertTrue(queue.begin(3));
            queue.readable(dma.deviceAddress(tokens[0]), HEADER);
            queue.writable(dma.deviceAddress(tokens[1]), SECTOR);
            queue.writable(dma.deviceAddress(tokens[2]), 1);
            queue.commit();
            return queue.publish();
        }

        byte[] read(int sector) throws Exception {
            post(sector);
            device.notifyQueue(0);
            long deadline = device.cpu().nanoTime() + 20 * SECOND;
            while (queue.pollUsed() == Virtqueue.NONE) {
                assertTrue(device.cpu().nanoTime() - deadline < 0, "not answered within 20 s");
                device.awaitSignal(0, deadline);
            }
            assertNotEquals(0, queue.usedLength());
            unmap(SECTOR);
            byte[] read = trial.bytes(data).asSlice(0, SECTOR).toArray(ValueLayout.JAVA_BYTE);
            map();
            return read;
        }

        private void map() {
            tokens[0] = dma.map(header.basePa(), HEADER, DmaDirection.TO_DEVICE);
            tokens[1] = dma.map(data.basePa(), SECTOR, DmaDirection.FROM_DEVICE);
            tokens[2] = dma.map(status.basePa(), 1, DmaDirection.FROM_DEVICE);
        }

        private void unmap(int written) {
            dma.unmap(tokens[0], HEADER, DmaDirection.TO_DEVICE, 0);
            dma.unmap(tokens[1], SECTOR, DmaDirection.FROM_DEVICE, written);
            dma.unmap(tokens[2], 1, DmaDirection.FROM_DEVICE, Math.min(written, 1));
        }

        @Override
        public void close() throws DeviceDeadException {
            device.close();
            unmap(0);
            trial.giveBack(header);
            trial.giveBack(data);
            trial.giveBack(status);
        }
    }
}
