package dev.postern.virtio.blk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.virtio.DeviceBrokenException;
import dev.postern.virtio.FeatureSet;
import dev.postern.virtio.InterruptMode;
import dev.postern.virtio.VirtioException;
import dev.postern.virtio.fake.DiskRequest;
import dev.postern.virtio.fake.SeenBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a disk makes of the answers of its device, honest ones and others. */
class BlkDeviceTest {

    @ParameterizedTest
    @EnumSource(
            value = InterruptMode.class,
            names = {"POLLED", "MSIX"})
    void whatIsWrittenIsReadBack(InterruptMode mode) throws Exception {
        BlkBench bench = new BlkBench(mode, 0);
        BlkDevice disk = bench.open();
        long pa = bench.buffer(64 * 1024);
        disk.read(100, pa, 64 * 1024);
        assertArrayEquals(bench.content(100, 64 * 1024), bench.ram.get(pa, 64 * 1024));
        byte[] fresh = new byte[4096];
        new Random(1).nextBytes(fresh);
        bench.ram.put(pa, fresh);
        disk.write(7, pa, 4096);
        assertArrayEquals(fresh, bench.content(7, 4096));
        disk.flush();
        assertEquals(4, bench.device.seen().getLast().type());
        assertEquals(0, bench.context.live());
        disk.close();
        bench.hostile.close();
    }

    @Test
    void noNotificationIsSentBeforeTheDeviceIsLive() throws Exception {
        // The scripted registers fail the test at a notification that comes too early.
        BlkBench bench = BlkBench.polled();
        BlkDevice disk = bench.open();
        assertEquals(0, bench.transport.count("notify 0"));
        disk.read(0, bench.buffer(512), 512);
        assertEquals(1, bench.transport.count("notify 0"));
    }

    @Test
    void aDeviceThatWantsNoNotificationsGetsNone() throws Exception {
        BlkBench bench = BlkBench.polled();
        BlkDevice disk = bench.open();
        bench.transport.queue().usedFlags(1);
        disk.read(0, bench.buffer(512), 512);
        assertEquals(0, bench.transport.count("notify 0"), "split-ring:524");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 127, 128, 254, 255})
    void anyStatusButSuccessFailsTheReadAndDeliversNothing(int status) throws Exception {
        BlkBench bench = BlkBench.polled();
        BlkDevice disk = bench.open();
        bench.device.answer = r -> {
            bench.device.perform(r);
            bench.device.finish(r, status, r.honestLength());
        };
        long pa = bench.buffer(4096);
        Class<? extends VirtioException> expected = switch (status) {
            case 1 -> BlkIoErrorException.class;
            case 2 -> BlkUnsupportedException.class;
            default -> DeviceBrokenException.class;
        };
        VirtioException failure = assertThrows(VirtioException.class, () -> disk.read(0, pa, 4096));
        assertEquals(expected, failure.getClass(), failure.getMessage());
        assertTrue(failure.getMessage().startsWith("blk0: "), failure.getMessage());
        assertTrue(bench.untouched(pa, 4096), "row 28: data is delivered only with a success");
        assertEquals(0, bench.context.live());
        bench.device.answer = bench.device::honestly;
        disk.read(0, pa, 4096);
        assertEquals(0, disk.recoveries(), "an error is an answer");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 513})
    void anAnswerWithoutAStatusIsNoSuccessWhateverItsLength(int length) throws Exception {
        BlkBench bench = BlkBench.polled();
        BlkDevice disk = bench.open();
        bench.device.answer = r -> {
            bench.device.perform(r);
            bench.device.complete(r.chain().head(), length);
        };
        long pa = bench.buffer(512);
        VirtioException failure = assertThrows(DeviceBrokenException.class, () -> disk.read(0, pa, 512));
        assertTrue(failure.getMessage().contains("without writing a status"), failure.getMessage());
        assertTrue(bench.untouched(pa, 512));
        assertThrows(DeviceBrokenException.class, () -> disk.write(0, pa, 512));
        assertThrows(DeviceBrokenException.class, disk::flush);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 511, 512})
    void aSuccessThatFilledLessThanWasAskedIsNone(int length) throws Exception {
        BlkBench bench = BlkBench.polled();
        BlkDevice disk = bench.open();
        bench.device.answer = r -> bench.device.finish(r, 0, length);
        long pa = bench.buffer(512);
        assertThrows(DeviceBrokenException.class, () -> disk.read(0, pa, 512));
        assertTrue(bench.untouched(pa, 512), "rows 9 and 28: never stale bytes");
        assertEquals(0, bench.context.live());
    }

    @Test
    void anIdIsAsLongAsTheDeviceSaysItWrote() throws Exception {
        BlkBench bench = BlkBench.polled();
        BlkDevice disk = bench.open();
        assertEquals("scripted", disk.id());
        bench.device.id = "12345678901234567890".getBytes(StandardCharsets.US_ASCII);
        assertEquals("12345678901234567890", disk.id(), "no terminator at full length");
        assertEquals(20, bench.device.seen().getLast().bytes(), "blk:886");
        bench.device.answer = r -> {
            bench.hostile.deviceView().write(r.data().getFirst().dva(), new byte[] {'a', 'b', 'c'});
            bench.device.finish(r, 0, 3 + 1);
        };
        assertEquals("abc", disk.id(), "rows 9 and 28: what was not written is not part of it");
        bench.device.answer = r -> bench.device.finish(r, 0, 1);
        assertEquals("", disk.id());
    }

    @Test
    void segmentsObeyTheDeviceTheContextAndTheRing() throws Exception {
        record Case(int sizeMax, int segMax, long mapping, int queue, int longest, int most) {}
        List<Case> cases = List.of(
                new Case(4096, 4, 1 << 20, 256, 4096, 4),
                new Case(4097, 4, 1 << 20, 256, 4096, 4),
                new Case(1 << 20, 3, 2048, 256, 2048, 3),
                new Case(1 << 20, 1, 1 << 16, 256, 1 << 16, 1),
                new Case(1 << 20, 0, 1 << 16, 256, 1 << 16, 1),
                new Case(512, -1, 1 << 16, 256, 512, 64),
                new Case(512, 100, 1 << 16, 8, 512, 6),
                new Case(-1, 8, 1000, 4, 512, 2));
        for (Case c : cases) {
            BlkBench bench = BlkBench.polled();
            bench.transport.config.putInt(8, c.sizeMax()).putInt(12, c.segMax());
            bench.transport.queueSize = c.queue();
            bench.context.largestMapping(c.mapping());
            BlkDevice disk = bench.open();
            assertEquals(Math.min((long) c.longest() * c.most(), 4 << 20), disk.largestTransfer(), c::toString);
            int bytes = 256 * 1024;
            long pa = bench.buffer(bytes);
            disk.read(3, pa, bytes);
            assertArrayEquals(bench.content(3, bytes), bench.ram.get(pa, bytes), c::toString);
            for (DiskRequest request : bench.device.seen()) {
                assertTrue(request.data().size() <= c.most(), c::toString);
                for (SeenBuffer buffer : request.data()) {
                    assertTrue(buffer.length() <= c.longest() && buffer.length() % 512 == 0, c::toString);
                }
            }
            disk.close();
            bench.hostile.close();
        }
    }

    @Test
    void indirectTablesCarryTheSameRequests() throws Exception {
        BlkBench bench = BlkBench.polled();
        bench.transport.offered = BlkBench.FEATURES.with(28);
        bench.transport.config.putInt(8, 512).putInt(12, 64);
        BlkDevice disk = bench.open();
        long pa = bench.buffer(128 * 1024);
        disk.read(9, pa, 128 * 1024);
        assertArrayEquals(bench.content(9, 128 * 1024), bench.ram.get(pa, 128 * 1024));
        assertTrue(bench.device.seen().getFirst().chain().tableEntry().isPresent());
        disk.close();
        bench.hostile.close();
    }

    @Test
    void requestsAreAnsweredInWhateverOrderTheDeviceLikes() throws Exception {
        for (long seed = 1; seed <= 20; seed++) {
            BlkBench bench = BlkBench.polled();
            BlkDevice disk = bench.open();
            List<DiskRequest> held = new ArrayList<>();
            Random random = new Random(seed);
            bench.device.answer = held::add;
            bench.cpu.device(() -> {
                bench.device.work();
                if (!held.isEmpty()) {
                    bench.device.honestly(held.remove(random.nextInt(held.size())));
                }
            });
            int bytes = 8 * 512;
            List<BlkRequest> requests = new ArrayList<>();
            List<Long> buffers = new ArrayList<>();
            for (int i = 0; i < 32; i++) {
                long pa = bench.buffer(bytes);
                buffers.add(pa);
                requests.add(disk.submitRead(i * 16L, pa, bytes));
            }
            for (int i = 0; i < requests.size(); i++) {
                disk.await(requests.get(i));
                assertArrayEquals(bench.content(i * 16L, bytes), bench.ram.get(buffers.get(i), bytes), "seed " + seed);
            }
            disk.close();
            bench.hostile.close();
        }
    }

    @Test
    void rangesOutsideTheDiskAreRefusedBeforeTheDeviceHearsOfThem() throws Exception {
        BlkBench bench = BlkBench.polled();
        BlkDevice disk = bench.open();
        long pa = bench.buffer(8192);
        long[][] wrong = {
            {BlkBench.SECTORS, 512},
            {BlkBench.SECTORS - 1, 1024},
            {-1, 512},
            {Long.MAX_VALUE, 512},
            {Long.MIN_VALUE, 512},
            {0, 0},
            {0, 511},
            {0, 513},
            {0, -512},
            {0, disk.largestTransfer() + 512}
        };
        for (long[] range : wrong) {
            assertThrows(BlkRangeException.class, () -> disk.submitRead(range[0], pa, range[1]));
            assertThrows(BlkRangeException.class, () -> disk.submitWrite(range[0], pa, range[1]));
        }
        assertThrows(BlkRangeException.class, () -> disk.read(0, pa, 513));
        assertThrows(BlkRangeException.class, () -> disk.read(BlkBench.SECTORS, pa, 512));
        assertEquals(0, bench.context.calls(), "blk:871: nothing was even mapped");
        disk.read(BlkBench.SECTORS - 1, pa, 512);
    }

    @Test
    void aReadOnlyDiskTakesNoWrites() throws Exception {
        BlkBench bench = BlkBench.polled();
        bench.transport.offered = BlkBench.FEATURES.with(5);
        BlkDevice disk = bench.open();
        assertTrue(disk.readOnly());
        assertThrows(BlkReadOnlyException.class, () -> disk.write(0, bench.buffer(512), 512));
        assertEquals(0, bench.context.calls());
    }

    @Test
    void aDiskWithoutACacheIsNotAskedToFlush() throws Exception {
        BlkBench bench = BlkBench.polled();
        bench.transport.offered = FeatureSet.of(32);
        BlkDevice disk = bench.open();
        assertFalse(disk.hasCache());
        disk.flush();
        assertEquals(List.of(), bench.device.seen(), "row 22: no command without its feature");
    }

    @Test
    void aSubmitterThatHoldsEveryRequestIsToldSo() throws Exception {
        BlkBench bench = BlkBench.polled();
        BlkDevice disk = bench.open();
        long pa = bench.buffer(512);
        List<BlkRequest> held = new ArrayList<>();
        while (disk.hasRoom()) {
            held.add(disk.submitRead(0, pa, 512));
        }
        assertEquals(disk.depth(), held.size());
        assertThrows(IllegalStateException.class, () -> disk.submitRead(0, pa, 512));
        String message = assertThrows(IllegalStateException.class, () -> disk.read(0, pa, 512))
                .getMessage();
        assertTrue(message.contains("await one first"), message);
        for (BlkRequest request : held) {
            disk.await(request);
        }
        disk.read(0, pa, 512);
        disk.close();
        bench.hostile.close();
    }

    @Test
    void aRingSmallerThanTheRequestsIsWaitedFor() throws Exception {
        BlkBench bench = BlkBench.polled();
        bench.transport.queueSize = 4;
        bench.transport.config.putInt(12, 2);
        BlkDevice disk = bench.open();
        byte[] expected = bench.content(0, 64 * 512);
        long pa = bench.buffer(64 * 512);
        List<BlkRequest> requests = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            if (requests.size() == disk.depth()) {
                disk.await(requests.removeFirst());
            }
            requests.add(disk.submitRead(i, pa + i * 512L, 512));
        }
        for (BlkRequest request : requests) {
            disk.await(request);
        }
        assertArrayEquals(expected, bench.ram.get(pa, 64 * 512));
    }

    @Test
    void everyFrameComesBackAtTheEnd() throws Exception {
        BlkBench bench = BlkBench.polled();
        BlkDevice disk = bench.open();
        disk.id();
        disk.close();
        bench.hostile.close();
        assertEquals(0, bench.framesInUse());
    }
}
