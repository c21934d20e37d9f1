package dev.postern.virtio.blk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.memory.FrameRequest;
import dev.postern.memory.PhysRange;
import dev.postern.virtio.DeviceBrokenException;
import dev.postern.virtio.DeviceDeadException;
import dev.postern.virtio.DeviceStatus;
import dev.postern.virtio.InterruptMode;
import dev.postern.virtio.RequestTimeoutException;
import dev.postern.virtio.VirtioException;
import dev.postern.virtio.device.VirtioDevice;
import dev.postern.virtio.fake.DiskRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Devices that break with requests in flight: each request is answered once, and its buffer is the caller's only then. */
class BlkRecoveryTest {

    private static final int IN_FLIGHT = 16;
    /** Resets until a device is given up that breaks with whatever it is sent: all requests twice, then one at a time. */
    private static final int GIVEN_UP = 2 * BlkDevice.ATTEMPTS - 1;

    private static final int BYTES = 8 * 512;
    private static final long MILLI = 1_000_000;
    private static final long SECOND = 1000 * MILLI;

    /** What a device can do to a ring. */
    private enum RingFault {
        ID_OUT_OF_RANGE(bench -> bench.device.complete(0x10001, 1)),
        LENGTH_OUT_OF_RANGE(bench ->
                bench.device.complete(bench.device.seen().getLast().chain().head(), BYTES + 2)),
        INDEX_JUMP(bench -> bench.transport.queue().usedIndex(0x8000)),
        DUPLICATE(bench -> {
            int head = bench.device.seen().getLast().chain().head();
            bench.device.honestly(bench.device.seen().getLast());
            bench.device.complete(head, 1);
        });

        private final Consumer<BlkBench> act;

        RingFault(Consumer<BlkBench> act) {
            this.act = act;
        }
    }

    @ParameterizedTest
    @EnumSource(RingFault.class)
    void aRingFaultWithSixteenRequestsInFlightIsSurvivedByAll(RingFault fault) throws Exception {
        for (long seed = 1; seed <= 10; seed++) {
            BlkBench bench = BlkBench.polled();
            BlkDevice disk = bench.open();
            shuffleTheFreeList(bench, disk, seed);
            Flight flight = new Flight(bench, disk);
            int before = bench.device.seen().size();
            bench.device.answer = r -> {
                if (bench.device.seen().size() == before + IN_FLIGHT) {
                    fault.act.accept(bench);
                    bench.device.answer = bench.device::honestly;
                }
            };
            flight.landAll("seed " + seed);
            assertEquals(1, disk.recoveries());
            assertEquals(0, bench.context.live());
            disk.close();
            bench.hostile.close();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = InterruptMode.class,
            names = {"POLLED", "MSIX"})
    void aDeviceThatBreaksEachTimeEndsInAnErrorForEachRequestAndNotInALoop(InterruptMode mode) throws Exception {
        BlkBench bench = new BlkBench(mode, 0);
        BlkDevice disk = bench.open();
        bench.device.answer = r -> bench.device.complete(4711, 0);
        Flight flight = new Flight(bench, disk);
        List<VirtioException> failures = flight.failAll();
        failures.forEach(f -> assertEquals(DeviceBrokenException.class, f.getClass(), f.getMessage()));
        assertTrue(failures.getFirst().getMessage().contains("sent 3 times"), failures.getFirst()::getMessage);
        assertEquals(GIVEN_UP, disk.recoveries());
        assertTrue(bench.cpu.elapsed() < SECOND, "%d ns".formatted(bench.cpu.elapsed()));
        assertEquals(0, bench.context.live());
        bench.device.answer = bench.device::honestly;
        new Flight(bench, disk).landAll("after the storm");
        disk.close();
        bench.hostile.close();
        bench.router.close();
        assertEquals(2 * flight.bytes(), bench.framesInUse(), "the two flights' buffers");
    }

    @ParameterizedTest
    @EnumSource(
            value = InterruptMode.class,
            names = {"POLLED", "MSIX"})
    void aDeviceThatAsksForAResetMidFlightIsResetAndAskedAgain(InterruptMode mode) throws Exception {
        for (long origin : new long[] {0, -100 * SECOND, Long.MAX_VALUE - MILLI, Long.MIN_VALUE}) {
            BlkBench bench = new BlkBench(mode, origin);
            BlkDevice disk = bench.open();
            bench.device.answer = r -> {
                // Without a notification: it may be lost with the device.
                bench.transport.askForReset();
                bench.device.answer = bench.device::honestly;
            };
            long start = bench.cpu.elapsed();
            new Flight(bench, disk).landAll("clock origin " + origin);
            assertEquals(1, disk.recoveries());
            long took = bench.cpu.elapsed() - start;
            assertTrue(took < 100 * MILLI, "noticed after %d ns, clock origin %d".formatted(took, origin));
        }
    }

    @Test
    void aRequestThatBreaksTheDeviceIsGivenUpAloneAndThoseBesideItAreAnswered() throws Exception {
        BlkBench bench = BlkBench.polled();
        BlkDevice disk = bench.open();
        Flight flight = new Flight(bench, disk);
        long guilty = flight.requests.get(5).sector;
        bench.device.answer = request -> {
            if (request.sector() == guilty) {
                bench.transport.askForReset();
            } else if ((bench.transport.status() & DeviceStatus.NEEDS_RESET) == 0) {
                bench.device.honestly(request);
            }
        };
        int failed = 0;
        for (BlkRequest request : flight.requests) {
            try {
                disk.await(request);
            } catch (DeviceBrokenException e) {
                assertTrue(e.getMessage().contains("sector " + guilty), e.getMessage());
                failed++;
            }
        }
        assertEquals(1, failed);
        assertEquals(BlkDevice.ATTEMPTS, disk.recoveries());
        assertEquals(0, bench.context.live());
    }

    @Test
    void aDeviceThatAsksForAResetAfterEveryRequestEndsInAnError() throws Exception {
        BlkBench bench = BlkBench.polled();
        BlkDevice disk = bench.open();
        bench.device.answer = r -> bench.transport.askForReset();
        assertEquals(IN_FLIGHT, new Flight(bench, disk).failAll().size());
        assertEquals(GIVEN_UP, disk.recoveries());
        assertTrue(bench.cpu.elapsed() < SECOND);
    }

    @ParameterizedTest
    @EnumSource(
            value = InterruptMode.class,
            names = {"POLLED", "MSIX"})
    void aSilentDeviceIsResetAtTheDeadline(InterruptMode mode) throws Exception {
        BlkBench bench = new BlkBench(mode, 0);
        BlkDevice disk = bench.open();
        disk.requestDeadline(Duration.ofSeconds(2));
        bench.device.answer = r -> {};
        long pa = bench.buffer(BYTES);
        assertThrows(RequestTimeoutException.class, () -> disk.read(0, pa, BYTES));
        long took = bench.cpu.elapsed();
        assertTrue(took >= 2 * SECOND && took < 2 * SECOND + 20 * MILLI, "%d ns".formatted(took));
        assertEquals(0, bench.context.live());
        assertTrue(bench.untouched(pa, BYTES));
        bench.device.answer = bench.device::honestly;
        disk.read(0, pa, BYTES);
        assertArrayEquals(bench.content(0, BYTES), bench.ram.get(pa, BYTES));
    }

    @Test
    void theRequestsBesideOneThatPassedItsDeadlineAreSentAgain() throws Exception {
        BlkBench bench = BlkBench.polled();
        BlkDevice disk = bench.open();
        long pa = bench.buffer(2 * BYTES);
        bench.device.answer = r -> {};
        disk.requestDeadline(Duration.ofSeconds(1));
        BlkRequest hasty = disk.submitRead(0, pa, BYTES);
        disk.requestDeadline(Duration.ofSeconds(60));
        BlkRequest patient = disk.submitRead(8, pa + BYTES, BYTES);
        disk.kick();
        bench.device.work();
        bench.device.answer = bench.device::honestly;
        assertThrows(RequestTimeoutException.class, () -> disk.await(hasty));
        disk.await(patient);
        assertArrayEquals(bench.content(8, BYTES), bench.ram.get(pa + BYTES, BYTES));
        assertEquals(1, disk.recoveries());
    }

    @Test
    void aLostInterruptIsNoLostAnswer() throws Exception {
        BlkBench bench = BlkBench.signalled();
        BlkDevice disk = bench.open();
        disk.requestDeadline(Duration.ofSeconds(1));
        bench.device.answer = r -> {
            bench.device.perform(r);
            bench.hostile.deviceView().write(r.status().dva(), new byte[] {0});
            bench.transport.queue().complete(r.chain().head(), r.honestLength());
        };
        disk.read(0, bench.buffer(BYTES), BYTES);
        assertEquals(0, disk.recoveries(), "the ring is looked at before the device is given up");
    }

    @Test
    void interruptsWithoutAnswersDoNotOutlastTheDeadline() throws Exception {
        BlkBench bench = BlkBench.signalled();
        BlkDevice disk = bench.open();
        disk.requestDeadline(Duration.ofMillis(50));
        bench.device.answer = r -> {};
        bench.cpu.device(() -> {
            bench.device.work();
            bench.transport.raiseQueue();
            bench.transport.raiseConfiguration();
        });
        assertThrows(RequestTimeoutException.class, () -> disk.read(0, bench.buffer(BYTES), BYTES), "row 23");
        assertTrue(bench.cpu.elapsed() < SECOND);
    }

    @Test
    void aDeviceThatDoesNotComeOutOfResetKeepsItsBuffersForEver() throws Exception {
        BlkBench bench = BlkBench.polled();
        BlkDevice disk = bench.open();
        List<DiskRequest> late = new ArrayList<>();
        bench.device.answer = r -> {
            late.add(r);
            bench.transport.resetReads = -1;
            if (late.size() == IN_FLIGHT) {
                bench.device.complete(4711, 0);
            }
        };
        PhysRange mine = bench.ram.frames().allocate(BYTES, FrameRequest.ANY);
        Flight flight = new Flight(bench, disk);
        List<VirtioException> failures = flight.failAll();
        failures.forEach(f -> assertEquals(DeviceDeadException.class, f.getClass(), f.getMessage()));
        assertTrue(
                bench.cpu.elapsed() < VirtioDevice.RESET_LIMIT.toNanos() + SECOND, "one reset is waited for, not more");
        assertEquals(IN_FLIGHT, bench.context.live(), "nothing is unmapped");
        assertEquals(IN_FLIGHT, disk.quarantinedMappings());
        assertFalse(bench.transport.dmaAllowed());

        // A late write lands in memory that nobody else has: the context would fault on any other.
        byte[] late512 = new byte[512];
        for (DiskRequest request : late) {
            bench.hostile.deviceView().write(request.data().getFirst().dva(), late512);
            bench.hostile.deviceView().write(request.status().dva(), new byte[] {0});
        }
        long free = bench.ram.frames().freeBytes();
        disk.release(mine);
        assertEquals(free, bench.ram.frames().freeBytes(), "buffers are not reused");
        long before = bench.cpu.elapsed();
        assertThrows(DeviceDeadException.class, () -> disk.read(0, mine.basePa(), 512));
        assertThrows(DeviceDeadException.class, disk::flush);
        assertThrows(DeviceDeadException.class, disk::id);
        assertEquals(before, bench.cpu.elapsed(), "refused at once");
        assertThrows(DeviceDeadException.class, disk::close);
        assertEquals(IN_FLIGHT, bench.context.live());
    }

    @Test
    void aDeviceThatComesBackAfterItWasGivenUpIsStillDeadAndItsContextStaysOpen() throws Exception {
        BlkBench bench = BlkBench.polled();
        BlkDevice disk = bench.open();
        bench.device.answer = r -> {
            bench.transport.resetReads = -1;
            bench.device.complete(4711, 0);
        };
        assertThrows(DeviceDeadException.class, () -> disk.read(0, bench.buffer(512), 512));
        bench.transport.resetReads = 0;
        bench.transport.writeStatus(0);
        // Mappings are left, so the caller must not be told that the context can be closed.
        assertThrows(DeviceDeadException.class, disk::close);
        assertEquals(1, bench.context.live());
        assertTrue(bench.transport.closed());
    }

    @Test
    void aDeviceThatDiesAtCloseKeepsWhatWasInFlight() throws Exception {
        BlkBench bench = BlkBench.polled();
        BlkDevice disk = bench.open();
        bench.device.answer = r -> {};
        PhysRange mine = bench.ram.frames().allocate(BYTES, FrameRequest.ANY);
        BlkRequest request = disk.submitRead(0, mine.basePa(), BYTES);
        disk.kick();
        bench.transport.resetReads = -1;
        assertThrows(DeviceDeadException.class, disk::close);
        assertEquals(1, bench.context.live());
        assertEquals(1, disk.quarantinedMappings());
        assertTrue(request.done(), "answered all the same");
        long free = bench.ram.frames().freeBytes();
        disk.release(mine);
        assertEquals(free, bench.ram.frames().freeBytes());
    }

    @Test
    void closingWithRequestsInFlightGivesEverythingBack() throws Exception {
        BlkBench bench = BlkBench.polled();
        BlkDevice disk = bench.open();
        bench.device.answer = r -> {};
        PhysRange mine = bench.ram.frames().allocate(BYTES, FrameRequest.ANY);
        BlkRequest request = disk.submitRead(0, mine.basePa(), BYTES);
        disk.kick();
        disk.close();
        assertTrue(request.done());
        assertEquals(0, bench.context.live());
        disk.release(mine);
        bench.hostile.close();
        assertEquals(0, bench.framesInUse());
    }

    @Test
    void aDeviceThatRefusesToComeBackAnswersEverythingAndOwesNothing() throws Exception {
        BlkBench bench = BlkBench.polled();
        BlkDevice disk = bench.open();
        bench.device.answer = r -> {
            bench.transport.takesFeatures = false;
            bench.device.complete(4711, 0);
        };
        PhysRange mine = bench.ram.frames().allocate(BYTES, FrameRequest.ANY);
        assertThrows(VirtioException.class, () -> disk.read(0, mine.basePa(), BYTES));
        assertEquals(0, bench.context.live(), "it was reset: its buffers are free of it");
        assertThrows(VirtioException.class, () -> disk.read(0, mine.basePa(), BYTES));
        disk.release(mine);
        disk.close();
        bench.hostile.close();
        assertEquals(0, bench.framesInUse());
    }

    @ParameterizedTest
    @EnumSource(
            value = InterruptMode.class,
            names = {"POLLED", "MSIX"})
    void aConfigurationThatTurnsToNonsenseMidFlightEndsInAnAnswerNotInALeak(InterruptMode mode) throws Exception {
        BlkBench bench = new BlkBench(mode, 0);
        BlkDevice disk = bench.open();
        bench.device.answer = r -> {
            bench.transport.config.putLong(0, -1);
            bench.transport.raiseConfiguration();
        };
        long pa = bench.buffer(BYTES);
        assertThrows(VirtioException.class, () -> disk.read(0, pa, BYTES));
        assertEquals(0, bench.context.live(), "the buffer is the caller's again");
        assertTrue(bench.cpu.elapsed() < SECOND);
        bench.transport.config.putLong(0, BlkBench.SECTORS);
        bench.device.answer = bench.device::honestly;
        new Flight(bench, disk).landAll("sense again");
        disk.close();
        bench.hostile.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {8, 100_000})
    void aNewCapacityIsNoticedWithItsNotificationAndWithoutAReset(long sectors) throws Exception {
        BlkBench bench = BlkBench.signalled();
        BlkDevice disk = bench.open();
        bench.device.answer = r -> {
            bench.transport.config.putLong(0, sectors);
            bench.transport.raiseConfiguration();
            bench.device.honestly(r);
            bench.device.answer = bench.device::honestly;
        };
        disk.read(0, bench.buffer(512), 512);
        disk.read(0, bench.buffer(512), 512);
        assertEquals(sectors, disk.sectors(), "blk:868");
        assertThrows(BlkRangeException.class, () -> disk.read(sectors, bench.buffer(512), 512));
        assertEquals(0, disk.recoveries());
    }

    /** Answers requests in random order, so that free descriptors are no longer in order either. */
    private static void shuffleTheFreeList(BlkBench bench, BlkDevice disk, long seed) throws VirtioException {
        Random random = new Random(seed);
        List<DiskRequest> held = new ArrayList<>();
        bench.device.answer = held::add;
        bench.cpu.device(() -> {
            bench.device.work();
            if (!held.isEmpty()) {
                bench.device.honestly(held.remove(random.nextInt(held.size())));
            }
        });
        new Flight(bench, disk).landAll("shuffling, seed " + seed);
        bench.cpu.device(bench.device::work);
    }

    /** Sixteen reads in flight at once. */
    private static final class Flight {

        private final BlkBench bench;
        private final BlkDevice disk;
        private final List<BlkRequest> requests = new ArrayList<>();
        private final long pa;

        Flight(BlkBench bench, BlkDevice disk) throws VirtioException {
            this.bench = bench;
            this.disk = disk;
            pa = bench.buffer(bytes());
            for (int i = 0; i < IN_FLIGHT; i++) {
                requests.add(disk.submitRead(i * 8L, pa + (long) i * BYTES, BYTES));
            }
        }

        long bytes() {
            return (long) IN_FLIGHT * BYTES;
        }

        void landAll(String what) throws VirtioException {
            for (int i = 0; i < IN_FLIGHT; i++) {
                disk.await(requests.get(i));
                assertArrayEquals(bench.content(i * 8L, BYTES), bench.ram.get(pa + (long) i * BYTES, BYTES), what);
            }
        }

        List<VirtioException> failAll() {
            List<VirtioException> failures = new ArrayList<>();
            for (BlkRequest request : requests) {
                failures.add(assertThrows(VirtioException.class, () -> disk.await(request)));
            }
            return failures;
        }
    }
}
