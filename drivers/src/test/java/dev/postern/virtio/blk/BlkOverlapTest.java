package dev.postern.virtio.blk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.virtio.RequestTimeoutException;
import dev.postern.virtio.fake.DiskRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Writes to the same sectors: never two in flight, so that what is sent again after a reset never lands on what came later. */
class BlkOverlapTest {

    private static final int BYTES = 8 * 512;
    private static final long SECOND = 1_000_000_000;

    private final BlkBench bench = BlkBench.polled();
    private final List<DiskRequest> held = new ArrayList<>();

    @Test
    void aWriteThatOverlapsOneInFlightIsHeldUntilThatIsAnswered() throws Exception {
        BlkDevice disk = bench.open();
        hold();
        long pa = bench.buffer(2 * BYTES);
        BlkRequest first = disk.submitWrite(0, pa, BYTES);
        disk.kick();
        bench.cpu.device(() -> {
            bench.device.work();
            assertTrue(bench.device.seen().size() == 1 || first.done() || held.isEmpty(), "two writes in flight");
            answerOne();
        });
        BlkRequest second = disk.submitWrite(7, pa + BYTES, BYTES);
        assertTrue(first.done(), "the second was let go when the first was answered");
        disk.await(second);
        disk.await(first);
        assertEquals(2, bench.device.seen().size());
    }

    @Test
    void writesBesideEachOtherAreInFlightTogether() throws Exception {
        BlkDevice disk = bench.open();
        hold();
        long pa = bench.buffer(3 * BYTES);
        BlkRequest middle = disk.submitWrite(8, pa, BYTES);
        BlkRequest before = disk.submitWrite(0, pa + BYTES, BYTES);
        BlkRequest behind = disk.submitWrite(16, pa + 2 * BYTES, BYTES);
        disk.kick();
        bench.device.work();
        assertEquals(3, held.size());
        assertEquals(0, bench.cpu.elapsed(), "nobody waited");
        bench.cpu.device(this::answerOne);
        for (BlkRequest request : List.of(middle, before, behind)) {
            disk.await(request);
        }
    }

    @Test
    void readsWaitForNothing() throws Exception {
        BlkDevice disk = bench.open();
        hold();
        long pa = bench.buffer(3 * BYTES);
        BlkRequest write = disk.submitWrite(0, pa, BYTES);
        BlkRequest one = disk.submitRead(0, pa + BYTES, BYTES);
        BlkRequest other = disk.submitRead(0, pa + 2 * BYTES, BYTES);
        disk.kick();
        bench.device.work();
        assertEquals(3, held.size());
        bench.cpu.device(this::answerOne);
        for (BlkRequest request : List.of(write, one, other)) {
            disk.await(request);
        }
    }

    @Test
    void requestsAboutRangesAreHeldAsWritesAre() throws Exception {
        bench.transport.offered = BlkBench.FEATURES.with(13).with(14);
        bench.transport.config.putInt(36, 64).putInt(40, 4).putInt(48, 64).putInt(52, 4);
        BlkDevice disk = bench.open();
        hold();
        long pa = bench.buffer(BYTES);
        BlkRequest write = disk.submitWrite(8, pa, BYTES);
        bench.cpu.device(() -> {
            bench.device.work();
            answerOne();
        });
        disk.discard(new SectorRange(32, 8), new SectorRange(15, 1));
        assertTrue(write.done());
        disk.await(write);
        disk.writeZeroes(Allocation.KEEP, new SectorRange(0, 64));
        assertEquals(3, bench.device.seen().size());
        assertArrayEquals(new byte[BYTES], bench.content(8, BYTES));
    }

    @Test
    void aWriteBehindOneThatIsNeverAnsweredIsSentWhenThatHasFailed() throws Exception {
        BlkDevice disk = bench.open();
        disk.requestDeadline(Duration.ofSeconds(1));
        bench.device.answer = r -> {};
        long pa = bench.buffer(2 * BYTES);
        BlkRequest first = disk.submitWrite(0, pa, BYTES);
        disk.kick();
        bench.device.work();
        bench.device.answer = bench.device::honestly;
        disk.requestDeadline(Duration.ofSeconds(30));
        BlkRequest second = disk.submitWrite(0, pa + BYTES, BYTES);
        disk.await(second);
        assertThrows(RequestTimeoutException.class, () -> disk.await(first));
        assertTrue(bench.cpu.elapsed() < 2 * SECOND, "%d ns".formatted(bench.cpu.elapsed()));
        assertEquals(1, disk.recoveries());
    }

    @Test
    void whatWasAnsweredBeforeAResetIsNotSentAgain() throws Exception {
        BlkDevice disk = bench.open();
        hold();
        long pa = bench.buffer(4L * BYTES);
        List<BlkRequest> requests = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            requests.add(disk.submitWrite(i * 8L, pa + (long) i * BYTES, BYTES));
        }
        disk.kick();
        bench.device.work();
        // A back-end that finishes what it has begun before it lets go, and the rest never.
        bench.transport.resetting = () -> {
            while (held.size() > 1) {
                answerOne();
            }
            held.clear();
            bench.device.answer = bench.device::honestly;
        };
        bench.transport.askForReset();
        bench.cpu.device(bench.device::work);
        for (BlkRequest request : requests) {
            disk.await(request);
        }
        assertEquals(1, disk.recoveries());
        assertEquals(5, bench.device.seen().size(), "four, and the last of them again");
        assertArrayEquals(bench.ram.get(pa, 4L * BYTES), bench.content(0, 4L * BYTES));
    }

    @Test
    void answersBehindABrokenOneAreNotBelieved() throws Exception {
        BlkDevice disk = bench.open();
        hold();
        long pa = bench.buffer(2L * BYTES);
        BlkRequest first = disk.submitWrite(0, pa, BYTES);
        BlkRequest second = disk.submitWrite(8, pa + BYTES, BYTES);
        disk.kick();
        bench.device.work();
        bench.transport.resetting = () -> {
            bench.device.honestly(held.removeFirst());
            bench.device.complete(4711, 1);
            held.clear();
            bench.device.answer = bench.device::honestly;
        };
        bench.transport.askForReset();
        bench.cpu.device(bench.device::work);
        disk.await(first);
        disk.await(second);
        assertEquals(3, bench.device.seen().size(), "two, and the second again");
        assertFalse(disk.recoveries() > 1);
    }

    private void hold() {
        bench.device.answer = held::add;
    }

    private void answerOne() {
        if (!held.isEmpty()) {
            bench.device.honestly(held.removeFirst());
        }
    }
}
