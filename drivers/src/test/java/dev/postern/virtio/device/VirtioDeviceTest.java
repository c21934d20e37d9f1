package dev.postern.virtio.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.dma.DmaMisuseException;
import dev.postern.virtio.DeviceBrokenException;
import dev.postern.virtio.DeviceDeadException;
import dev.postern.virtio.FeatureSet;
import dev.postern.virtio.InterruptMode;
import dev.postern.virtio.ProbeRefusedException;
import dev.postern.virtio.queue.Virtqueue;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The way of a device from reset to live and back, step by step. */
class VirtioDeviceTest {

    private static final long SECOND = 1_000_000_000L;

    @ParameterizedTest
    @EnumSource(
            value = InterruptMode.class,
            names = {"POLLED", "MSIX"})
    void theStepsComeInTheOrderOfTheSpecification(InterruptMode mode) throws Exception {
        DeviceBench bench = new DeviceBench(mode, 0);
        bench.transport.offered = FeatureSet.of(5, 32);
        FeatureSet offered = bench.device.discover();
        bench.device.negotiate(FeatureSet.of(32));
        bench.addQueue();
        bench.device.goLive();
        assertEquals(FeatureSet.of(5, 32), offered);
        assertEquals(
                List.of(
                        "status 00",
                        "status? 00",
                        "dma off",
                        "status 01",
                        "status 03",
                        "offered?",
                        "accepted 0x100000000",
                        "status 0b",
                        "status? 0b",
                        "interrupts " + mode + " 1",
                        "enable 0",
                        "dma on",
                        "status 0f"),
                bench.transport.events(),
                "content:521");
        assertTrue(bench.transport.live());
        assertEquals(FeatureSet.of(32), bench.device.accepted());
    }

    @Test
    void theResetIsWaitedFor() throws Exception {
        DeviceBench bench = DeviceBench.polled();
        bench.live();
        bench.transport.resetReads = 50;
        bench.transport.forget();
        bench.device.discover();
        assertEquals(50, bench.transport.count("status? 0f"));
        assertEquals(
                List.of("status? 00", "dma off", "status 01"),
                bench.transport.events().subList(51, 54),
                "transport-pci:512");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, Long.MAX_VALUE - 3 * SECOND, Long.MIN_VALUE, -2 * SECOND})
    void aDeviceThatNeverFinishesItsResetIsDeadAfterTheLimitWhateverTheClocksOrigin(long origin) throws Exception {
        DeviceBench bench = new DeviceBench(InterruptMode.POLLED, origin);
        bench.live();
        bench.transport.resetReads = -1;
        long start = bench.cpu.elapsed();
        DeviceDeadException dead = assertThrows(DeviceDeadException.class, bench.device::reset);
        long took = bench.cpu.elapsed() - start;
        long limit = VirtioDevice.RESET_LIMIT.toNanos();
        assertTrue(took >= limit && took < limit + SECOND / 100, "%d ns".formatted(took));
        assertFalse(bench.transport.dmaAllowed());
        assertTrue(dead.getMessage().startsWith("dev0: "), dead.getMessage());
    }

    @Test
    void aDeviceThatTakesFeaturesOkBackIsGivenUp() throws Exception {
        DeviceBench bench = DeviceBench.polled();
        bench.transport.takesFeatures = false;
        FeatureSet offered = bench.device.discover();
        assertThrows(ProbeRefusedException.class, () -> bench.device.negotiate(offered));
        assertEquals(128, bench.transport.status() & 128, "content:550: FAILED");
        assertFalse(bench.transport.dmaAllowed());
        assertEquals(FeatureSet.EMPTY, bench.device.accepted());
        assertEquals(0, bench.transport.count("dma on"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"interrupts", "queue"})
    void aDeviceThatRefusesAStepOfTheSetUpIsGivenUpAndNeverGetsMemory(String step) throws Exception {
        DeviceBench bench = DeviceBench.polled();
        bench.device.negotiate(bench.device.discover());
        bench.addQueue();
        bench.transport.setup = what -> {
            if (what.equals(step)) {
                throw new ProbeRefusedException("no");
            }
        };
        assertThrows(ProbeRefusedException.class, bench.device::goLive);
        assertEquals(0x8b, bench.transport.status(), "content:550: FAILED, and no DRIVER_OK");
        assertEquals(0, bench.transport.count("dma on"));
        bench.device.close();
        bench.context.close();
    }

    @Test
    void aSetUpThatFailsForAnotherReasonGivesTheDeviceUpToo() throws Exception {
        DeviceBench bench = DeviceBench.polled();
        bench.device.negotiate(bench.device.discover());
        bench.addQueue();
        IllegalStateException reason = new IllegalStateException("this machine shows no interrupt lines");
        bench.transport.setup = what -> {
            throw reason;
        };
        assertSame(reason, assertThrows(IllegalStateException.class, bench.device::goLive));
        assertEquals(0x8b, bench.transport.status(), "content:550");
    }

    @Test
    void givingUpKeepsTheBitsThatAreSet() throws Exception {
        DeviceBench bench = DeviceBench.polled();
        bench.live();
        bench.device.giveUp();
        assertEquals(0x8f, bench.transport.status(), "content:66");
        assertFalse(bench.transport.dmaAllowed());
        bench.device.discover();
        assertEquals(0x03, bench.transport.status(), "content:68: a reset before the next attempt");
    }

    @Test
    void configurationIsReadAgainUntilItsGenerationHoldsStill() throws Exception {
        DeviceBench bench = DeviceBench.polled();
        bench.transport.config = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        AtomicInteger generation = new AtomicInteger();
        bench.transport.generation = generation::get;
        AtomicInteger reads = new AtomicInteger();
        int value = bench.device.readConfiguration(transport -> {
            int read = transport.readConfig32(4);
            if (reads.incrementAndGet() < 4) {
                bench.transport.config.putInt(4, reads.get());
                generation.incrementAndGet();
            }
            return read;
        });
        assertEquals(3, value, "what the last change wrote");
        assertEquals(4, reads.get());
    }

    @Test
    void aConfigurationThatNeverHoldsStillEndsInAnError() {
        DeviceBench bench = DeviceBench.polled();
        AtomicInteger generation = new AtomicInteger();
        bench.transport.generation = generation::incrementAndGet;
        assertThrows(DeviceBrokenException.class, () -> bench.device.readConfiguration(transport -> 1));
        assertTrue(generation.get() <= 4000, "%d reads".formatted(generation.get()));
    }

    @Test
    void recoveryAgreesOnTheSameFeaturesAndEmptiesTheQueues() throws Exception {
        DeviceBench bench = DeviceBench.polled();
        bench.transport.offered = FeatureSet.of(1, 32);
        Virtqueue queue = bench.live();
        queue.begin(1);
        queue.writable(0x1000, 1);
        queue.commit();
        queue.publish();
        bench.transport.askForReset();
        assertTrue(bench.device.needsReset());
        bench.transport.forget();
        bench.transport.offered = FeatureSet.of(1, 2, 32);
        bench.device.recover();
        assertEquals(
                List.of(
                        "status 00",
                        "status? 00",
                        "dma off",
                        "status 01",
                        "status 03",
                        "offered?",
                        "accepted 0x100000002",
                        "status 0b",
                        "status? 0b",
                        "interrupts POLLED 1",
                        "enable 0",
                        "dma on",
                        "status 0f"),
                bench.transport.events());
        assertEquals(0, queue.outstanding());
        assertEquals(0, bench.transport.queue().availableIndex());
        assertEquals(1, bench.device.recoveries());
        assertFalse(bench.device.needsReset());
    }

    @Test
    void aDeviceThatOffersLessAfterAResetIsNotBroughtBack() throws Exception {
        DeviceBench bench = DeviceBench.polled();
        bench.transport.offered = FeatureSet.of(1, 32);
        bench.live();
        bench.transport.offered = FeatureSet.of(32);
        ProbeRefusedException refused = assertThrows(ProbeRefusedException.class, bench.device::recover);
        assertTrue(refused.getMessage().contains("no longer offers bit-1: "), refused.getMessage());
        assertEquals(0x83, bench.transport.status());
        assertFalse(bench.transport.dmaAllowed());
        assertEquals(0, bench.device.recoveries());
    }

    @Test
    void aDeviceWithFewerQueuesAfterAResetIsNotBroughtBack() throws Exception {
        DeviceBench bench = DeviceBench.polled();
        bench.live(3);
        bench.transport.queueCount = 2;
        String message =
                assertThrows(ProbeRefusedException.class, bench.device::recover).getMessage();
        assertTrue(message.startsWith("dev0: ") && message.contains("queue 2 takes 0 entries"), message);
        assertEquals(0x8b, bench.transport.status(), "content:550");
        assertFalse(bench.transport.dmaAllowed());
        bench.device.close();
        bench.context.close();
    }

    @Test
    void aConfigurationByteIsWritten() throws Exception {
        DeviceBench bench = DeviceBench.polled();
        bench.transport.config = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        bench.live();
        bench.device.writeConfig8(3, 1);
        assertEquals(1, bench.transport.config.get(3));
    }

    @Test
    void closingResetsBeforeMemoryIsGivenBack() throws Exception {
        DeviceBench bench = DeviceBench.signalled();
        bench.live();
        bench.transport.forget();
        bench.device.close();
        assertEquals(List.of("status 00", "status? 00", "dma off", "close"), bench.transport.events());
        bench.context.close();
    }

    @Test
    void aDeadDeviceKeepsTheMemoryOfItsQueues() throws Exception {
        DeviceBench bench = DeviceBench.polled();
        Virtqueue queue = bench.live();
        long ring = queue.addresses().descriptorDva();
        bench.transport.resetReads = -1;
        assertThrows(DeviceDeadException.class, bench.device::close);
        assertTrue(bench.transport.closed());
        bench.context.deviceView().read(ring, 16);
        assertThrows(DmaMisuseException.class, bench.context::close, "the rings are still the device's");
    }

    @Test
    void aPolledWaitIsAFewTurnsAndAlwaysSaysToLook() throws Exception {
        DeviceBench bench = DeviceBench.polled();
        bench.live();
        AtomicInteger turns = new AtomicInteger();
        bench.cpu.device(turns::incrementAndGet);
        assertTrue(bench.device.awaitSignal(0, bench.cpu.nanoTime() + SECOND));
        assertTrue(turns.get() >= 1 && turns.get() <= 64, () -> "the device must get a turn, and got " + turns);
    }

    @Test
    void aSignalledWaitEndsAtTheSignalOrAtTheDeadline() throws Exception {
        DeviceBench bench = DeviceBench.signalled();
        bench.live();
        assertFalse(bench.device.awaitSignal(0, bench.cpu.nanoTime() + SECOND));
        assertEquals(SECOND, bench.cpu.elapsed());
        bench.cpu.device(bench.transport::raiseQueue);
        assertTrue(bench.device.awaitSignal(0, bench.cpu.nanoTime() + SECOND));
        assertTrue(bench.cpu.elapsed() < 2 * SECOND);
        bench.cpu.device(() -> {});
        bench.transport.raiseQueue();
        assertTrue(bench.device.awaitSignal(0, bench.cpu.nanoTime()), "latched while nobody waited");
        assertFalse(bench.device.awaitSignal(0, bench.cpu.nanoTime() + SECOND), "one message is one signal");
    }

    @Test
    void aSpuriousSignalIsOneLookAndNoMore() throws Exception {
        DeviceBench bench = DeviceBench.signalled();
        Virtqueue queue = bench.live();
        bench.transport.raiseQueue();
        assertTrue(bench.device.awaitSignal(0, bench.cpu.nanoTime() + SECOND));
        assertEquals(Virtqueue.NONE, queue.pollUsed(), "split-ring:354: spurious notifications are handled");
        assertFalse(bench.device.awaitSignal(0, bench.cpu.nanoTime() + SECOND));
    }

    @Test
    void aConfigurationChangeEndsTheWaitUntilItIsTaken() throws Exception {
        DeviceBench bench = DeviceBench.signalled();
        bench.live();
        bench.transport.raiseConfiguration();
        assertTrue(bench.device.awaitSignal(0, bench.cpu.nanoTime() + SECOND));
        assertTrue(bench.device.takeConfigurationChange());
        assertFalse(bench.device.takeConfigurationChange());
        assertFalse(bench.device.awaitSignal(0, bench.cpu.nanoTime() + SECOND));
    }

    @Test
    void signalsFromBeforeAResetAreForgotten() throws Exception {
        DeviceBench bench = DeviceBench.signalled();
        bench.live();
        bench.transport.raiseQueue();
        bench.transport.raiseConfiguration();
        bench.router.poll();
        bench.device.recover();
        assertFalse(bench.device.takeConfigurationChange());
        assertFalse(bench.device.awaitSignal(0, bench.cpu.nanoTime() + SECOND));
    }
}
