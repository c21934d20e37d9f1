package dev.postern.virtio.rng;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.dma.DmaConstraints;
import dev.postern.dma.DmaContexts;
import dev.postern.dma.DmaMappingException;
import dev.postern.dma.HostileContext;
import dev.postern.interrupt.InterruptRouter;
import dev.postern.virtio.DeviceBrokenException;
import dev.postern.virtio.DeviceDeadException;
import dev.postern.virtio.FeatureSet;
import dev.postern.virtio.InterruptMode;
import dev.postern.virtio.ProbeRefusedException;
import dev.postern.virtio.RequestTimeoutException;
import dev.postern.virtio.VirtioException;
import dev.postern.virtio.device.VirtioDevice;
import dev.postern.virtio.fake.ScriptedTransport;
import dev.postern.virtio.fake.SeenBuffer;
import dev.postern.virtio.fake.SeenChain;
import dev.postern.virtio.fake.SimulatedCpu;
import dev.postern.virtio.fake.TestRam;
import dev.postern.virtio.fake.WatchedContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An entropy source, honest and not (rows 7, 21 and 27). */
class RngDeviceTest {

    private static final long SECOND = 1_000_000_000L;

    private TestRam ram;
    private SimulatedCpu cpu;
    private InterruptRouter router;
    private HostileContext hostile;
    private WatchedContext context;
    private ScriptedTransport transport;
    private Consumer<SeenChain> answer;
    private final List<SeenChain> seen = new ArrayList<>();
    private byte next;
    private long freeAtFirst;

    @BeforeEach
    void machine() {
        ram = new TestRam(8 << 20);
        cpu = new SimulatedCpu(-5);
        router = new InterruptRouter(cpu, Optional.empty(), ram.frames());
        hostile = DmaContexts.hostile(3, ram.frames(), DmaConstraints.NONE, "rng0");
        context = new WatchedContext(hostile);
        transport = new ScriptedTransport(4, hostile.deviceView(), ram, router);
        answer = chain -> fill(chain, (int) chain.writableBytes());
        cpu.device(() -> {
            while (transport.live()) {
                List<SeenChain> chains = transport.ring(0).takeAll();
                if (chains.isEmpty()) {
                    return;
                }
                assertEquals(1, chains.size(), "one request at a time");
                seen.addAll(chains);
                answer.accept(chains.getFirst());
            }
        });
        freeAtFirst = ram.frames().freeBytes();
    }

    @ParameterizedTest
    @EnumSource(
            value = InterruptMode.class,
            names = {"POLLED", "MSIX"})
    void everyByteComesFromTheDeviceAndInOrder(InterruptMode mode) throws Exception {
        RngDevice rng = open(mode);
        byte[] bytes = new byte[10_000];
        rng.fill(bytes);
        assertCounts(bytes);
        assertEquals(3, seen.size());
        for (SeenChain chain : seen) {
            assertEquals(1, chain.buffers().size());
            assertTrue(chain.last().writable(), "entropy:34");
        }
        assertEquals(0, context.live());
        rng.close();
        hostile.close();
        router.close();
        assertEquals(freeAtFirst, ram.frames().freeBytes());
    }

    @Test
    void aDeviceThatGivesALittleAtATimeIsAskedAgain() throws Exception {
        answer = chain -> fill(chain, Math.min(7, (int) chain.writableBytes()));
        byte[] bytes = new byte[100];
        open(InterruptMode.POLLED).fill(bytes);
        assertCounts(bytes);
        assertEquals(15, seen.size(), "entropy:36: no more is taken than was written");
    }

    @Test
    void noMoreBytesAreAskedForThanAreNeeded() throws Exception {
        RngDevice rng = open(InterruptMode.POLLED);
        rng.fill(new byte[5]);
        assertEquals(5, seen.getLast().writableBytes());
        rng.fill(new byte[0]);
        assertEquals(1, seen.size());
    }

    @Test
    void aLengthBeyondTheBufferDeliversNothing() throws Exception {
        RngDevice rng = open(InterruptMode.POLLED);
        byte[] bytes = new byte[64];
        for (int length : new int[] {65, 4096, Integer.MAX_VALUE, -1}) {
            answer = chain -> transport.queue().complete(chain.head(), length);
            assertThrows(DeviceBrokenException.class, () -> rng.fill(bytes), "row 7");
            assertArrayEquals(new byte[64], bytes);
            assertEquals(0, context.live());
        }
        assertEquals(4 * RngDevice.ATTEMPTS, transport.count("dma on") - 1, "reset each time, and asked again");
        answer = chain -> fill(chain, (int) chain.writableBytes());
        rng.fill(bytes);
        assertCounts(bytes);
    }

    @Test
    void aDeviceThatNeverGivesAByteIsNotAskedForEver() throws Exception {
        answer = chain -> transport.queue().complete(chain.head(), 0);
        RngDevice rng = open(InterruptMode.POLLED);
        assertThrows(DeviceBrokenException.class, () -> rng.fill(new byte[8]), "entropy:41");
        assertTrue(seen.size() <= 100, "%d requests".formatted(seen.size()));
        assertEquals(0, context.live());
    }

    @ParameterizedTest
    @EnumSource(
            value = InterruptMode.class,
            names = {"POLLED", "MSIX"})
    void aSilentDeviceIsResetInBoundedTimeAndServesTheNextReader(InterruptMode mode) throws Exception {
        answer = chain -> {};
        RngDevice rng = open(mode);
        byte[] bytes = new byte[64];
        assertThrows(RequestTimeoutException.class, () -> rng.fill(bytes), "row 21");
        assertTrue(cpu.elapsed() >= 30 * SECOND && cpu.elapsed() < 31 * SECOND);
        assertEquals(0, context.live());
        answer = chain -> fill(chain, (int) chain.writableBytes());
        rng.fill(bytes);
        assertCounts(bytes);
    }

    @ParameterizedTest
    @CsvSource({
        "1, false, POLLED", "2, false, POLLED", "1, true, POLLED", "2, true, POLLED", "3, true, POLLED",
        "1, false, MSIX", "2, false, MSIX", "1, true, MSIX", "2, true, MSIX", "3, true, MSIX"
    })
    void aQueueOfOneEntryIsEnough(int entries, boolean packed, InterruptMode mode) throws Exception {
        transport.offered = packed ? FeatureSet.of(32, 34) : FeatureSet.of(32);
        transport.queueSize = entries;
        context.largestMapping(100);
        byte[] bytes = new byte[2000];
        RngDevice rng = open(mode);
        rng.fill(bytes);
        assertCounts(bytes);
        assertEquals(20, seen.size(), "many times round the ring");
        rng.close();
        hostile.close();
        router.close();
        assertEquals(freeAtFirst, ram.frames().freeBytes());
    }

    @ParameterizedTest
    @CsvSource({"POLLED, false", "MSIX, false", "MSIX, true"})
    void aDeviceThatAsksToBeResetIsAskedAgain(InterruptMode mode, boolean signalled) throws Exception {
        answer = chain -> {
            if (seen.size() == 2) {
                transport.askForReset();
                if (signalled) {
                    transport.raiseConfiguration();
                }
            } else {
                fill(chain, (int) chain.writableBytes());
            }
        };
        byte[] bytes = new byte[10_000];
        RngDevice rng = open(mode);
        rng.fill(bytes);
        assertCounts(bytes);
        assertEquals(4, seen.size(), "three requests, and one of them twice");
        assertEquals(2, transport.count("dma on"));
        assertTrue(cpu.elapsed() < SECOND, "%d ns: noticed long before the deadline".formatted(cpu.elapsed()));
        assertEquals(0, context.live());
    }

    @Test
    void aDeviceThatAsksToBeResetEachTimeIsNotAskedForEver() throws Exception {
        answer = chain -> transport.askForReset();
        RngDevice rng = open(InterruptMode.POLLED);
        String message = assertThrows(DeviceBrokenException.class, () -> rng.fill(new byte[8]))
                .getMessage();
        assertTrue(message.startsWith("rng0: asked to be reset"), message);
        assertEquals(RngDevice.ATTEMPTS, seen.size());
        assertEquals(0, context.live());
        answer = chain -> fill(chain, (int) chain.writableBytes());
        byte[] bytes = new byte[8];
        rng.fill(bytes);
        assertCounts(bytes);
    }

    @Test
    void aDeviceThatTakesFewerEntriesAfterAResetIsRefusedInOneLine() throws Exception {
        answer = chain -> {
            transport.queueSize = 4;
            transport.askForReset();
        };
        RngDevice rng = open(InterruptMode.POLLED);
        String message = assertThrows(ProbeRefusedException.class, () -> rng.fill(new byte[8]))
                .getMessage();
        assertTrue(message.contains("takes 4 entries now, and it has 8"), message);
        assertEquals(0, context.live(), "it was reset: its buffer is free of it");
        rng.close();
        hostile.close();
        assertEquals(freeAtFirst, ram.frames().freeBytes());
    }

    @ParameterizedTest
    @EnumSource(
            value = InterruptMode.class,
            names = {"POLLED", "MSIX"})
    void aStormOfEmptySignalsDoesNotOutlastTheDeadline(InterruptMode mode) throws Exception {
        answer = chain -> {};
        RngDevice rng = open(mode);
        cpu.device(() -> {
            transport.raiseQueue();
            transport.raiseConfiguration();
        });
        assertThrows(RequestTimeoutException.class, () -> rng.fill(new byte[8]), "row 23");
        assertTrue(cpu.elapsed() >= 30 * SECOND && cpu.elapsed() < 31 * SECOND, "%d ns".formatted(cpu.elapsed()));
    }

    @Test
    void requestsFitTheLongestMapping() throws Exception {
        context.largestMapping(100);
        byte[] bytes = new byte[250];
        open(InterruptMode.POLLED).fill(bytes);
        assertCounts(bytes);
        assertEquals(3, seen.size());
    }

    @Test
    void aMappingThatFailsLeavesTheDeviceUsable() throws Exception {
        RngDevice rng = open(InterruptMode.POLLED);
        context.refuse(0, 1);
        assertThrows(DmaMappingException.class, () -> rng.fill(new byte[8]));
        rng.fill(new byte[8]);
        rng.close();
        hostile.close();
    }

    @Test
    void aDeviceThatDoesNotComeOutOfResetKeepsItsPageForEver() throws Exception {
        answer = chain -> {
            transport.resetReads = -1;
            transport.queue().complete(99, 0);
        };
        RngDevice rng = open(InterruptMode.POLLED);
        assertThrows(DeviceDeadException.class, () -> rng.fill(new byte[8]));
        assertEquals(1, context.live());
        hostile.deviceView().write(seen.getLast().last().dva(), new byte[8]);
        long before = cpu.elapsed();
        assertThrows(DeviceDeadException.class, () -> rng.fill(new byte[8]));
        assertEquals(before, cpu.elapsed(), "refused at once");
        assertThrows(DeviceDeadException.class, rng::close);
        assertEquals(1, context.live());
    }

    @Test
    void aDeviceThatComesBackTooLateIsStillDead() throws Exception {
        answer = chain -> {
            transport.resetReads = -1;
            transport.queue().complete(99, 0);
        };
        RngDevice rng = open(InterruptMode.POLLED);
        assertThrows(DeviceDeadException.class, () -> rng.fill(new byte[8]));
        transport.resetReads = 0;
        assertThrows(DeviceDeadException.class, rng::close, "its mapping is left: the context must stay open");
    }

    @Test
    void aDeviceThatRefusesToComeBackOwesNothing() throws Exception {
        answer = chain -> {
            transport.takesFeatures = false;
            transport.queue().complete(99, 0);
        };
        RngDevice rng = open(InterruptMode.POLLED);
        assertThrows(VirtioException.class, () -> rng.fill(new byte[8]));
        assertEquals(0, context.live(), "it was reset: its buffer is free of it");
        transport.forget();
        assertThrows(VirtioException.class, () -> rng.fill(new byte[8]));
        assertFalse(transport.events().contains("notify 0"), "content:555");
        assertEquals(0, context.live());
        rng.close();
        hostile.close();
        assertEquals(freeAtFirst, ram.frames().freeBytes());
    }

    @ParameterizedTest
    @ValueSource(strings = {"no queue", "interrupts", "queue"})
    void aDeviceThatCannotBeOpenedLeavesNothingBehind(String what) throws Exception {
        transport.queueSize = what.equals("no queue") ? 0 : 8;
        transport.setup = step -> {
            if (step.equals(what)) {
                throw new ProbeRefusedException("rng0: " + what);
            }
        };
        VirtioDevice device = negotiated(InterruptMode.POLLED);
        assertThrows(ProbeRefusedException.class, () -> RngDevice.open(device, context, ram.frames()));
        assertEquals(128, transport.status() & 128, "content:550");
        device.close();
        hostile.close();
        assertEquals(freeAtFirst, ram.frames().freeBytes());
    }

    private RngDevice open(InterruptMode mode) throws VirtioException {
        return RngDevice.open(negotiated(mode), context, ram.frames());
    }

    private VirtioDevice negotiated(InterruptMode mode) throws VirtioException {
        VirtioDevice device = new VirtioDevice("rng0", transport, cpu, router, mode);
        device.negotiate(device.discover());
        return device;
    }

    /** Counting bytes: what is missing, repeated or stale shows. */
    private void fill(SeenChain chain, int length) {
        SeenBuffer buffer = chain.last();
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = next;
            next = (byte) ((next + 1) % 100);
        }
        hostile.deviceView().write(buffer.dva(), bytes);
        transport.ring(0).use(List.of(chain), length);
        transport.raiseQueue();
    }

    private static void assertCounts(byte[] bytes) {
        byte[] expected = new byte[bytes.length];
        for (int i = 0; i < expected.length; i++) {
            expected[i] = (byte) (i % 100);
        }
        assertEquals(-1, Arrays.mismatch(expected, bytes));
    }
}
