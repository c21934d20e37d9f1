package dev.postern.virtio.blk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.virtio.DeviceBrokenException;
import dev.postern.virtio.DeviceDeadException;
import dev.postern.virtio.DeviceStatus;
import dev.postern.virtio.FeatureSet;
import dev.postern.virtio.InterruptMode;
import dev.postern.virtio.ProbeRefusedException;
import dev.postern.virtio.RequestTimeoutException;
import dev.postern.virtio.VirtioException;
import dev.postern.virtio.fake.DiskRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A disk of several queues: which are used, how requests are spread, and a queue that breaks while the others run on. */
class BlkManyQueuesTest {

    private static final int MQ = 12;
    private static final int RING_RESET = 40;
    private static final int BYTES = 8 * 512;
    private static final int QUEUES = 4;

    @ParameterizedTest
    @CsvSource({
        // what the device says, what it has, what is wanted, what is used
        "4, 4, 4, 4",
        "4, 4, 2, 2",
        "2, 2, 4, 2",
        "1, 1, 4, 1",
        // Row 13: the count is a lie, and queues are missing.
        "65535, 3, 16, 3",
        "4, 1, 4, 1",
        "4, 16, 16, 4"
    })
    void asManyQueuesAreUsedAsAreSaidWantedAndThere(int said, int there, int wanted, int used) throws Exception {
        BlkBench bench = BlkBench.polled();
        bench.transport.offered = BlkBench.FEATURES.with(MQ);
        bench.transport.config.putShort(34, (short) said);
        bench.transport.queueCount = there;
        BlkDevice disk = bench.open(new BlkOptions(wanted));
        assertEquals(used, disk.queues());
        assertEquals(
                used,
                bench.transport.events().stream()
                        .filter(event -> event.startsWith("enable"))
                        .count());
        assertEquals(64 * used, disk.depth());
        disk.read(0, bench.buffer(512), 512);
        disk.close();
        bench.hostile.close();
        assertEquals(0, bench.framesInUse() - 4096, "the buffer of the read");
    }

    @Test
    void withoutTheFeatureThereIsOneQueue() throws Exception {
        BlkBench bench = bench(InterruptMode.POLLED);
        bench.transport.offered = BlkBench.FEATURES;
        assertEquals(1, bench.open().queues());
    }

    @Test
    void aCountOfNoQueuesIsRefusedWithWhatToDo() throws Exception {
        BlkBench bench = bench(InterruptMode.POLLED);
        bench.transport.config.putShort(34, (short) 0);
        String message = assertThrows(ProbeRefusedException.class, bench::open).getMessage();
        assertTrue(message.contains("features=-mq"), message);
    }

    @Test
    void burstsGoFromQueueToQueueAndEachIsOneNotification() throws Exception {
        BlkBench bench = bench(InterruptMode.POLLED);
        BlkDevice disk = bench.open();
        long pa = bench.buffer(8 * BYTES);
        for (int burst = 0; burst < 2 * QUEUES; burst++) {
            bench.transport.forget();
            List<BlkRequest> requests = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                requests.add(disk.submitRead(i * 8L, pa + (long) i * BYTES, BYTES));
            }
            for (BlkRequest request : requests) {
                disk.await(request);
            }
            int expected = burst % QUEUES;
            assertEquals(1, bench.transport.count("notify " + expected));
            assertEquals(List.of(expected), queuesOf(bench.device.seen().subList(burst * 8, burst * 8 + 8)));
        }
    }

    @Test
    void aBurstLongerThanAQueueFillsTheOthers() throws Exception {
        BlkBench bench = bench(InterruptMode.POLLED);
        BlkDevice disk = bench.open();
        long pa = bench.buffer(512);
        List<BlkRequest> held = new ArrayList<>();
        while (disk.hasRoom()) {
            held.add(disk.submitRead(held.size(), pa, 512));
        }
        assertEquals(QUEUES * 64, held.size());
        for (BlkRequest request : held) {
            disk.await(request);
        }
        assertEquals(List.of(0, 1, 2, 3), queuesOf(bench.device.seen()));
    }

    @ParameterizedTest
    @EnumSource(
            value = InterruptMode.class,
            names = {"POLLED", "MSIX"})
    void answersComeFromAllQueuesInWhateverOrder(InterruptMode mode) throws Exception {
        for (long seed = 1; seed <= 10; seed++) {
            BlkBench bench = bench(mode);
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
            new Flight(bench, disk, 32).landAll("seed " + seed);
            assertEquals(List.of(0, 1, 2, 3), queuesOf(bench.device.seen()), "seed " + seed);
            disk.close();
            bench.hostile.close();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = InterruptMode.class,
            names = {"POLLED", "MSIX"})
    void aBrokenQueueIsResetAloneWhileTheOthersRunOn(InterruptMode mode) throws Exception {
        for (int broken = 0; broken < QUEUES; broken++) {
            BlkBench bench = resettable(mode);
            BlkDevice disk = bench.open();
            int victim = broken;
            List<DiskRequest> others = new ArrayList<>();
            bench.device.answer = request -> {
                if (request.queue() != victim) {
                    others.add(request);
                    return;
                }
                bench.device.complete(victim, 4711, 0);
                bench.device.answer = again -> {
                    bench.device.honestly(again);
                    // What was in flight elsewhere is answered in its old places, after the reset.
                    others.forEach(bench.device::honestly);
                    others.clear();
                };
            };
            Flight flight = new Flight(bench, disk, 32);
            bench.transport.forget();
            flight.landAll("queue " + broken);
            assertEquals(1, disk.queueRecoveries());
            assertEquals(1, disk.recoveries());
            assertEquals(1, bench.transport.count("reset " + broken));
            assertEquals(0, bench.transport.count("status 00"), "the device was not reset");
            assertEquals(
                    32 + 8, bench.device.seen().size(), "what was in the broken queue was sent again, and no more");
            assertEquals(0, bench.context.live());
            disk.close();
            bench.hostile.close();
        }
    }

    @Test
    void aRequestPastItsDeadlineCostsItsQueueAlone() throws Exception {
        BlkBench bench = resettable(InterruptMode.POLLED);
        BlkDevice disk = bench.open();
        disk.requestDeadline(Duration.ofSeconds(1));
        bench.device.answer = request -> {
            if (request.queue() != 0) {
                bench.device.honestly(request);
            }
        };
        long pa = bench.buffer(2 * BYTES);
        BlkRequest silent = disk.submitRead(0, pa, BYTES);
        disk.kick();
        BlkRequest answered = disk.submitRead(8, pa + BYTES, BYTES);
        String message = assertThrows(RequestTimeoutException.class, () -> disk.await(silent))
                .getMessage();
        assertTrue(message.contains("queue 0 was reset"), message);
        disk.await(answered);
        assertEquals(1, disk.queueRecoveries());
        assertEquals(0, bench.context.live());
        assertTrue(bench.untouched(pa, BYTES));
    }

    @ParameterizedTest
    @EnumSource(
            value = InterruptMode.class,
            names = {"POLLED", "MSIX"})
    void withoutQueueResetsTheDeviceIsResetAndEverythingSentAgain(InterruptMode mode) throws Exception {
        BlkBench bench = bench(mode);
        BlkDevice disk = bench.open();
        bench.device.answer = request -> {
            if (request.queue() == 2) {
                bench.device.complete(2, 4711, 0);
                bench.device.answer = bench.device::honestly;
            }
        };
        new Flight(bench, disk, 32).landAll("all");
        assertEquals(0, disk.queueRecoveries());
        assertEquals(1, disk.recoveries());
        assertEquals(0, bench.context.live());
    }

    @Test
    void aQueueWhoseResetNeverEndsCostsTheDeviceAndNoRequest() throws Exception {
        BlkBench bench = resettable(InterruptMode.POLLED);
        BlkDevice disk = bench.open();
        bench.transport.queueResetReads = -1;
        bench.device.answer = request -> {
            bench.device.complete(request.queue(), 4711, 0);
            bench.device.answer = bench.device::honestly;
        };
        new Flight(bench, disk, 32).landAll("all");
        assertEquals(0, disk.queueRecoveries());
        assertEquals(1, disk.recoveries());
        assertEquals(0, bench.context.live());
        disk.close();
        bench.hostile.close();
    }

    /** In the last queue, behind others that are lost with it twice. */
    @Test
    void aRequestThatBreaksTheDeviceIsSentThreeTimesAndNoMore() throws Exception {
        BlkBench bench = bench(InterruptMode.POLLED);
        BlkDevice disk = bench.open();
        List<DiskRequest> tries = new ArrayList<>();
        Flight flight = new Flight(bench, disk, 32);
        BlkRequest guilty = flight.requests.get(29);
        bench.device.answer = request -> {
            if (request.sector() == guilty.sector) {
                tries.add(request);
                bench.transport.askForReset();
            } else if (tries.size() >= 2 && (bench.transport.status() & DeviceStatus.NEEDS_RESET) == 0) {
                bench.device.honestly(request);
            }
        };
        for (BlkRequest request : flight.requests) {
            if (request == guilty) {
                assertThrows(DeviceBrokenException.class, () -> disk.await(request));
            } else {
                disk.await(request);
            }
        }
        assertEquals(BlkDevice.ATTEMPTS, tries.size());
        assertEquals(BlkDevice.ATTEMPTS, disk.recoveries());
    }

    @Test
    void aQueueThatBreaksEachTimeEndsInAnErrorForItsRequestsAlone() throws Exception {
        BlkBench bench = resettable(InterruptMode.POLLED);
        BlkDevice disk = bench.open();
        bench.device.answer = request -> {
            if (request.queue() == 1) {
                bench.device.complete(1, 4711, 0);
            } else {
                bench.device.honestly(request);
            }
        };
        Flight flight = new Flight(bench, disk, 32);
        int failed = 0;
        for (BlkRequest request : flight.requests) {
            try {
                disk.await(request);
            } catch (DeviceBrokenException e) {
                failed++;
            }
        }
        assertEquals(8, failed);
        // Twice all of them, and then so many by themselves.
        assertEquals(2 * BlkDevice.ATTEMPTS - 1, disk.queueRecoveries());
        assertEquals(
                0,
                bench.transport.events().stream()
                        .skip(1)
                        .dropWhile(event -> !event.startsWith("notify"))
                        .filter("status 00"::equals)
                        .count());
        assertEquals(0, bench.context.live());
    }

    @Test
    void aDeviceThatDiesWhenAQueueIsResetAnswersEverythingAndKeepsItsBuffers() throws Exception {
        BlkBench bench = resettable(InterruptMode.POLLED);
        BlkDevice disk = bench.open();
        bench.transport.queueResetReads = -1;
        bench.transport.resetReads = -1;
        bench.device.answer = request -> bench.device.complete(request.queue(), 4711, 0);
        Flight flight = new Flight(bench, disk, 32);
        for (BlkRequest request : flight.requests) {
            assertThrows(DeviceDeadException.class, () -> disk.await(request));
        }
        assertEquals(32, disk.quarantinedMappings());
        assertEquals(32, bench.context.live());
    }

    private static List<Integer> queuesOf(List<DiskRequest> requests) {
        Set<Integer> queues = requests.stream().map(DiskRequest::queue).collect(Collectors.toCollection(TreeSet::new));
        return List.copyOf(queues);
    }

    private static BlkBench bench(InterruptMode mode) {
        BlkBench bench = new BlkBench(mode, 0);
        bench.transport.offered = BlkBench.FEATURES.with(MQ);
        bench.transport.config.putShort(34, (short) QUEUES);
        bench.transport.queueCount = QUEUES;
        return bench;
    }

    private static BlkBench resettable(InterruptMode mode) {
        BlkBench bench = bench(mode);
        bench.transport.offered = bench.transport.offered.union(FeatureSet.of(RING_RESET));
        return bench;
    }

    /** Reads in flight in bursts of eight, a queue for each. */
    private static final class Flight {

        private final BlkBench bench;
        private final BlkDevice disk;
        private final List<BlkRequest> requests = new ArrayList<>();
        private final long pa;

        Flight(BlkBench bench, BlkDevice disk, int count) throws VirtioException {
            this.bench = bench;
            this.disk = disk;
            pa = bench.buffer((long) count * BYTES);
            for (int i = 0; i < count; i++) {
                requests.add(disk.submitRead(i * 8L, pa + (long) i * BYTES, BYTES));
                if (i % 8 == 7) {
                    disk.kick();
                }
            }
        }

        void landAll(String what) throws VirtioException {
            for (int i = 0; i < requests.size(); i++) {
                disk.await(requests.get(i));
                assertArrayEquals(bench.content(i * 8L, BYTES), bench.ram.get(pa + (long) i * BYTES, BYTES), what);
            }
        }
    }
}
