package dev.postern.virtio.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.virtio.DeviceDeadException;
import dev.postern.virtio.FeatureSet;
import dev.postern.virtio.InterruptMode;
import dev.postern.virtio.ProbeRefusedException;
import dev.postern.virtio.fake.ScriptedQueue;
import dev.postern.virtio.queue.Virtqueue;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One queue reset alone and enabled again while others run (content:424 and 442), and devices that will not. */
class QueueRecoveryTest {

    private static final long SECOND = 1_000_000_000L;

    @ParameterizedTest
    @EnumSource(
            value = InterruptMode.class,
            names = {"POLLED", "MSIX"})
    void oneQueueIsEmptiedAndTheOtherGoesOn(InterruptMode mode) throws Exception {
        DeviceBench bench = bench(mode);
        List<Virtqueue> queues = bench.live(2);
        DeviceBench.post(queues.get(0));
        DeviceBench.post(queues.get(1));
        ScriptedQueue other = bench.transport.queue(0);
        bench.transport.forget();
        bench.device.recoverQueue(1);
        assertEquals(List.of("reset 1", "reset 1? true", "enable 1"), bench.transport.events());
        assertEquals(0, queues.get(1).outstanding());
        assertEquals(0, bench.transport.queue(1).availableIndex());
        assertEquals(1, queues.get(0).outstanding());
        assertSame(other, bench.transport.queue(0), "the other was never stopped");
        assertEquals(1, bench.device.recoveries());

        other.complete(other.take().orElseThrow().head(), 1);
        assertEquals(0, queues.get(0).pollUsed());
        DeviceBench.post(queues.get(1));
        bench.transport
                .queue(1)
                .complete(bench.transport.queue(1).take().orElseThrow().head(), 1);
        assertEquals(0, queues.get(1).pollUsed());
    }

    @Test
    void theResetOfAQueueIsWaitedFor() throws Exception {
        DeviceBench bench = bench(InterruptMode.POLLED);
        Virtqueue queue = bench.live();
        DeviceBench.post(queue);
        bench.transport.queueResetReads = 50;
        bench.transport.forget();
        bench.device.recoverQueue(0);
        assertEquals(50, bench.transport.count("reset 0? false"));
        assertEquals("enable 0", bench.transport.events().getLast(), "transport-pci:518");
        assertEquals(0, queue.outstanding());
    }

    @Test
    void aQueueWhoseResetNeverEndsCostsAResetOfTheDevice() throws Exception {
        DeviceBench bench = bench(InterruptMode.POLLED);
        List<Virtqueue> queues = bench.live(2);
        DeviceBench.post(queues.get(0));
        bench.transport.queueResetReads = -1;
        ProbeRefusedException refused = assertThrows(ProbeRefusedException.class, () -> bench.device.recoverQueue(1));
        assertTrue(refused.getMessage().startsWith("dev0: the reset of queue 1"), refused.getMessage());
        assertTrue(bench.cpu.elapsed() >= VirtioDevice.RESET_LIMIT.toNanos());
        assertTrue(bench.cpu.elapsed() < VirtioDevice.RESET_LIMIT.toNanos() + SECOND);
        assertEquals(0, bench.transport.status(), "no buffer of any queue is the device's");
        assertFalse(bench.transport.dmaAllowed());
        assertEquals(0, bench.device.recoveries());
        bench.device.recover();
        assertTrue(bench.transport.live());
        assertEquals(0, queues.get(0).outstanding());
    }

    @Test
    void aDeviceThatFinishesNoResetAtAllIsDead() throws Exception {
        DeviceBench bench = bench(InterruptMode.POLLED);
        bench.live();
        bench.transport.queueResetReads = -1;
        bench.transport.resetReads = -1;
        assertThrows(DeviceDeadException.class, () -> bench.device.recoverQueue(0));
        assertFalse(bench.transport.dmaAllowed());
        assertTrue(bench.cpu.elapsed() < 2 * VirtioDevice.RESET_LIMIT.toNanos() + SECOND);
    }

    @Test
    void aDeviceThatAsksToBeResetIsNotWaitedForByTheQueue() throws Exception {
        DeviceBench bench = bench(InterruptMode.POLLED);
        bench.live();
        bench.transport.askForReset();
        bench.transport.queueResetReads = -1;
        assertThrows(ProbeRefusedException.class, () -> bench.device.recoverQueue(0));
        assertTrue(bench.cpu.elapsed() < SECOND, "%d ns".formatted(bench.cpu.elapsed()));
        bench.device.recover();
        assertFalse(bench.device.needsReset());
    }

    @Test
    void aQueueThatIsNotTakenBackCostsAResetOfTheDevice() throws Exception {
        DeviceBench bench = bench(InterruptMode.POLLED);
        bench.live(2);
        ProbeRefusedException no = new ProbeRefusedException("dev0: queue 1 does not read back as enabled");
        bench.transport.setup = what -> {
            throw no;
        };
        assertSame(no, assertThrows(ProbeRefusedException.class, () -> bench.device.recoverQueue(1)));
        assertEquals(0, bench.transport.status());
        bench.transport.setup = what -> {};
        bench.device.recover();
        assertNotNull(bench.transport.queue(1));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4, 7})
    void aQueueThatTakesFewerEntriesAfterItsResetIsRefusedInOneLine(int entries) throws Exception {
        DeviceBench bench = bench(InterruptMode.POLLED);
        bench.live();
        bench.transport.queueSize = entries;
        String message = assertThrows(ProbeRefusedException.class, () -> bench.device.recoverQueue(0))
                .getMessage();
        assertTrue(message.contains("queue 0 takes %d entries now, and it has 8".formatted(entries)), message);
        assertEquals(0, bench.transport.status());
        assertEquals(
                message,
                assertThrows(ProbeRefusedException.class, bench.device::recover).getMessage());
        assertEquals(0x8b, bench.transport.status(), "content:550");
    }

    @Test
    void signalsOfTheQueueFromBeforeItsResetAreForgottenAndThoseOfOthersAreNot() throws Exception {
        DeviceBench bench = bench(InterruptMode.MSIX);
        bench.live(2);
        bench.transport.raiseQueue(0);
        bench.transport.raiseQueue(1);
        bench.router.poll();
        bench.device.recoverQueue(1);
        assertFalse(bench.device.awaitSignal(1, bench.cpu.nanoTime() + SECOND));
        assertTrue(bench.device.awaitSignal(0, bench.cpu.nanoTime() + SECOND));
    }

    @Test
    void withoutTheFeatureNoQueueIsResetAlone() throws Exception {
        DeviceBench bench = DeviceBench.polled();
        bench.live();
        bench.transport.forget();
        assertFalse(bench.device.canResetQueues());
        assertThrows(IllegalStateException.class, () -> bench.device.recoverQueue(0));
        assertEquals(List.of(), bench.transport.events());
    }

    private static DeviceBench bench(InterruptMode mode) {
        DeviceBench bench = new DeviceBench(mode, 0);
        bench.transport.offered = FeatureSet.of(32, 40);
        return bench;
    }
}
