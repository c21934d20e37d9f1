package dev.postern.virtio.blk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.virtio.DeviceBrokenException;
import dev.postern.virtio.FeatureSet;
import dev.postern.virtio.ProbeRefusedException;
import dev.postern.virtio.VirtioException;
import dev.postern.virtio.device.VirtioDevice;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a disk says of itself: wear, zones, and the line that people read. */
class BlkKnowledgeTest {

    private static final int LIFETIME = 15;
    private static final int ZONED = 17;
    private static final int ZONED_MODEL = 92;

    @Test
    void wearIsTakenFromTheAnswer() throws Exception {
        BlkBench bench = bench(LIFETIME);
        bench.device.lifetime = new byte[] {2, 0, 11, 0, 1, 0};
        BlkDevice disk = bench.open();
        assertEquals(new BlkLifetime(BlkLifetime.Reserve.WARNING, 11, 1), disk.lifetime());
        assertEquals(6, bench.device.seen().getLast().bytes());
    }

    @Test
    void valuesThatMeanNothingYetTellNothing() throws Exception {
        BlkBench bench = bench(LIFETIME);
        bench.device.lifetime = new byte[] {4, 0, 12, 0, -1, -1};
        assertEquals(
                new BlkLifetime(BlkLifetime.Reserve.UNKNOWN, 0, 0), bench.open().lifetime());
    }

    @Test
    void aShortAnswerAboutWearIsNone() throws Exception {
        BlkBench bench = bench(LIFETIME);
        BlkDevice disk = bench.open();
        bench.device.answer = request -> bench.device.finish(request, 0, 6);
        assertThrows(DeviceBrokenException.class, disk::lifetime, "row 10");
        disk.close();
        bench.hostile.close();
        assertEquals(0, bench.framesInUse());
    }

    @Test
    void aDeviceThatDoesNotTellIsNotAsked() throws Exception {
        BlkBench bench = BlkBench.polled();
        BlkDevice disk = bench.open();
        assertThrows(BlkUnsupportedException.class, disk::lifetime);
        assertEquals(List.of(), bench.device.seen());
    }

    @Test
    void aHostManagedDiskIsRefusedInOneLineBeforeAnythingIsAgreed() throws Exception {
        BlkBench bench = bench(ZONED);
        bench.transport.config.put(ZONED_MODEL, (byte) 1);
        VirtioDevice found = bench.found();
        FeatureSet offered = found.discover();
        String message = assertThrows(ProbeRefusedException.class, () -> ZonedDisks.refuseHostManaged(found, offered))
                .getMessage();
        assertTrue(message.startsWith("blk0: a host-managed zoned disk"), message);
        assertTrue(message.contains("give the guest a conventional"), message);
        assertEquals(128, bench.transport.status() & 128, "blk:312: FAILED");
        assertEquals(0, bench.transport.status() & 8, "blk:312: not FEATURES_OK");
        found.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 3, 255})
    void otherZonedDisksAreDrivenAsIfTheyHadNoZones(int model) throws Exception {
        BlkBench bench = bench(ZONED);
        bench.transport.config.put(ZONED_MODEL, (byte) model);
        VirtioDevice found = bench.found();
        FeatureSet offered = found.discover();
        ZonedDisks.refuseHostManaged(found, offered);
        found.negotiate(offered.intersect(BlkDevice.supportedFeatures().union(FeatureSet.of(32))));
        assertTrue(!found.accepted().has(ZONED), "blk:296");
        BlkDevice disk = BlkDevice.open(found, bench.context, bench.ram.frames());
        disk.read(0, bench.buffer(512), 512);
    }

    @Test
    void aConfigurationThatEndsBeforeTheZonesHasNone() throws Exception {
        BlkBench bench = bench(ZONED);
        bench.transport.config = bench.transport.config.slice(0, ZONED_MODEL).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        VirtioDevice found = bench.found();
        ZonedDisks.refuseHostManaged(found, found.discover());
    }

    @Test
    void theLineForPeopleSaysWhatTheDiskCanDo() throws Exception {
        BlkBench bench = bench(11, 12, 13, 14, LIFETIME, 16);
        bench.transport.queueCount = 3;
        bench.transport
                .config
                .putInt(20, 4096)
                .put(32, (byte) 1)
                .putShort(34, (short) 3)
                .putInt(36, 100)
                .putInt(40, 1)
                .putInt(48, 100)
                .putInt(52, 1);
        assertEquals(
                "2097152 bytes, 4096-byte blocks, 3 queues, discard, write zeroes, lifetime, write-back cache",
                bench.open().summary(),
                "secure erase is offered, but its limits allow nothing");
        BlkBench plain = BlkBench.polled();
        plain.transport.offered = FeatureSet.of(5, 32);
        assertEquals("2097152 bytes, 512-byte blocks, read-only", plain.open().summary());
    }

    @Test
    void anotherThreadIsCaught() throws Exception {
        BlkBench bench = BlkBench.polled();
        BlkDevice disk = bench.open();
        long pa = bench.buffer(512);
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread other = new Thread(
                () -> {
                    try {
                        disk.submitRead(0, pa, 512);
                    } catch (VirtioException | AssertionError e) {
                        thrown.set(e);
                    }
                },
                "intruder");
        other.start();
        other.join();
        assertTrue(thrown.get() instanceof AssertionError, "assertions are on in tests");
        assertTrue(thrown.get().getMessage().contains("intruder"), thrown.get().getMessage());
        assertEquals(List.of(), bench.device.seen());
    }

    private static BlkBench bench(int... features) {
        BlkBench bench = BlkBench.polled();
        bench.transport.offered = BlkBench.FEATURES.union(FeatureSet.of(features));
        return bench;
    }
}
