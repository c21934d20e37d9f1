package dev.postern.virtio.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.interrupt.MessageVector;
import dev.postern.virtio.FeatureSet;
import dev.postern.virtio.queue.Virtqueue;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Waiting for one queue or any, notifications, storms, and the thread that may do all that. */
class SignalsTest {

    private static final long SECOND = 1_000_000_000L;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 62, 63, 64, 69})
    void aSignalIsThatOfItsQueueHoweverManyThereAre(int queue) throws Exception {
        DeviceBench bench = DeviceBench.signalled();
        bench.live(70);
        bench.transport.raiseQueue(queue);
        bench.router.poll();
        for (int other = 0; other < 70; other++) {
            if (other != queue) {
                assertFalse(bench.device.awaitSignal(other, bench.cpu.nanoTime()), "queue " + other);
            }
        }
        assertTrue(bench.device.awaitSignal(queue, bench.cpu.nanoTime()));
        assertFalse(bench.device.awaitSignal(queue, bench.cpu.nanoTime()), "taken");
    }

    @Test
    void theWaitForAnyQueueEndsAtASignalOfAnyAndTakesThemAll() throws Exception {
        DeviceBench bench = DeviceBench.signalled();
        bench.live(3);
        assertFalse(bench.device.awaitAnySignal(bench.cpu.nanoTime() + SECOND));
        assertEquals(SECOND, bench.cpu.elapsed());
        bench.transport.raiseQueue(2);
        bench.transport.raiseQueue(1);
        assertTrue(bench.device.awaitAnySignal(bench.cpu.nanoTime() + SECOND));
        assertEquals(SECOND, bench.cpu.elapsed(), "latched while nobody waited");
        assertFalse(bench.device.awaitAnySignal(bench.cpu.nanoTime() + SECOND));
    }

    @Test
    void theWaitForAnyQueueSeesWhatWasUsedWithoutASignal() throws Exception {
        DeviceBench bench = DeviceBench.signalled();
        List<Virtqueue> queues = bench.live(3);
        DeviceBench.post(queues.get(1));
        bench.transport
                .queue(1)
                .complete(bench.transport.queue(1).take().orElseThrow().head(), 1);
        assertTrue(bench.device.awaitAnySignal(bench.cpu.nanoTime() + SECOND));
        assertEquals(0, bench.cpu.elapsed());
        assertEquals(0, queues.get(1).pollUsed());
        assertFalse(bench.device.awaitAnySignal(bench.cpu.nanoTime() + SECOND));
    }

    @Test
    void aConfigurationChangeEndsTheWaitForAnyQueue() throws Exception {
        DeviceBench bench = DeviceBench.signalled();
        bench.live(2);
        bench.transport.raiseConfiguration();
        assertTrue(bench.device.awaitAnySignal(bench.cpu.nanoTime() + SECOND));
        assertTrue(bench.device.takeConfigurationChange());
        assertFalse(bench.device.awaitAnySignal(bench.cpu.nanoTime() + SECOND));
    }

    @Test
    void aPolledWaitForAnyQueueIsAFewTurns() throws Exception {
        DeviceBench bench = DeviceBench.polled();
        bench.live(2);
        AtomicInteger turns = new AtomicInteger();
        bench.cpu.device(turns::incrementAndGet);
        assertTrue(bench.device.awaitAnySignal(bench.cpu.nanoTime() + SECOND));
        assertTrue(turns.get() >= 1 && turns.get() <= 64, () -> turns + " turns");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 10_000})
    void aStormOfOtherInterruptsOutlastsNoDeadlineAndNoBudget(long nanosPerInterrupt) throws Exception {
        DeviceBench bench = DeviceBench.signalled();
        bench.live(2);
        AtomicInteger runs = new AtomicInteger();
        MessageVector[] storm = new MessageVector[1];
        storm[0] = bench.router.openMessage("storm", () -> {
            runs.incrementAndGet();
            bench.cpu.advance(nanosPerInterrupt);
            raise(bench, storm[0]);
        });
        raise(bench, storm[0]);
        assertTrue(bench.device.awaitSignal(0, bench.cpu.nanoTime() + SECOND), "a look, as when polled (row 23)");
        assertEquals(VirtioDevice.STORM_LIMIT, runs.get());
        assertTrue(bench.device.awaitAnySignal(bench.cpu.nanoTime() + SECOND));
        assertEquals(2 * VirtioDevice.STORM_LIMIT, runs.get());
        if (nanosPerInterrupt > 0) {
            assertFalse(bench.device.awaitSignal(0, bench.cpu.nanoTime() + 5 * nanosPerInterrupt));
            assertEquals(2 * VirtioDevice.STORM_LIMIT + 5, runs.get());
        }
    }

    @Test
    void aNotificationSaysWhereTheQueueStandsWhenThatWasAgreedOn() throws Exception {
        DeviceBench bench = DeviceBench.polled();
        bench.transport.offered = FeatureSet.of(32, 38);
        List<Virtqueue> queues = bench.live(2);
        DeviceBench.post(queues.get(1));
        DeviceBench.post(queues.get(1));
        bench.device.notifyQueue(1);
        assertEquals(2, bench.transport.notificationOffset, "content:473: the next available index");
        bench.device.notifyQueue(0);
        assertEquals(0, bench.transport.notificationOffset);
    }

    @Test
    void queuesAreAddedInOrderWithGapsOrWithout() throws Exception {
        DeviceBench bench = DeviceBench.signalled();
        bench.transport.queueCount = 6;
        bench.device.negotiate(bench.device.discover());
        bench.addQueue(1);
        bench.addQueue(5);
        assertThrows(IllegalArgumentException.class, () -> bench.addQueue(5));
        assertThrows(IllegalArgumentException.class, () -> bench.addQueue(3));
        bench.device.goLive();
        bench.transport.raiseQueue(5);
        assertFalse(bench.device.awaitSignal(1, bench.cpu.nanoTime()));
        assertTrue(bench.device.awaitSignal(5, bench.cpu.nanoTime()));
        assertThrows(IllegalArgumentException.class, () -> bench.device.awaitSignal(3, bench.cpu.nanoTime()));
    }

    @Test
    void aCallFromAThreadThatDoesNotOwnTheDeviceIsAnError() throws Exception {
        DeviceBench bench = DeviceBench.polled();
        bench.live();
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread stranger = new Thread(() -> bench.device.notifyQueue(0), "stranger");
        stranger.setUncaughtExceptionHandler((thread, failure) -> thrown.set(failure));
        stranger.start();
        stranger.join();
        assertTrue(thrown.get() instanceof AssertionError, String.valueOf(thrown.get()));
        assertTrue(thrown.get().getMessage().contains("stranger"), thrown.get().getMessage());
        assertEquals(0, bench.transport.count("notify 0"));
    }

    private static void raise(DeviceBench bench, MessageVector vector) {
        bench.ram.put(
                vector.address(),
                ByteBuffer.allocate(4)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putInt(vector.data())
                        .array());
    }
}
