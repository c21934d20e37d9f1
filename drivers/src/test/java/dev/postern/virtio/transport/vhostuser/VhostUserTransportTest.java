package dev.postern.virtio.transport.vhostuser;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.machine.RamRegion;
import dev.postern.virtio.DeviceStatus;
import dev.postern.virtio.FeatureSet;
import dev.postern.virtio.InterruptMode;
import dev.postern.virtio.ProbeRefusedException;
import dev.postern.virtio.fake.AllocationMeter;
import dev.postern.virtio.queue.QueueAddresses;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is said to a back-end that does as the specification says, and how a device is reset over it. */
class VhostUserTransportTest {

    private static final long SECOND = 1_000_000_000;

    private final TransportBench bench = new TransportBench();
    private final FakeBackEnd backEnd = bench.backEnd;

    @Test
    void theFirstWordsComeInTheirOrder() throws Exception {
        backEnd.protocol |= 1L << FakeBackEnd.SLOTS | 1L << FakeBackEnd.BACKEND_REQ | 1L << 1;
        assertEquals(FeatureSet.of(32), bench.transport.offeredFeatures(), "bit 30 is the protocol's own");
        assertEquals(List.of(1, 15, 16, 3, 17, 36, 24, 21), backEnd.codes());
        assertEquals(backEnd.protocol & ~2L, backEnd.last(16).words().getLong(), "LOG_SHMFD is of no use to a driver");
        assertEquals(1, backEnd.last(21).descriptors().length);
        assertTrue(backEnd.closedDescriptors.contains(backEnd.last(21).descriptors()[0]), "their end is theirs alone");
        assertTrue(bench.transport.answersRequests());
        assertEquals(
                List.of(256, 256, 0),
                sizes(0, 1, 2).map(size -> Math.min(size, 256)).boxed().toList());
    }

    @Test
    void aBackEndWithoutProtocolFeaturesIsAskedForNone() throws Exception {
        backEnd.features = 1L << 32;
        ProbeRefusedException refused =
                assertThrows(ProbeRefusedException.class, () -> bench.transport.offeredFeatures());
        assertTrue(refused.getMessage().contains("does not offer CONFIG"), refused.getMessage());
        assertEquals(List.of(1, 3), backEnd.codes());
    }

    private IntStream sizes(int... queues) {
        return IntStream.of(queues).map(bench.transport::maximumQueueSize);
    }

    @Test
    void aRingIsDescribedInTheMemoryThatWasGivenBeforeAndEnabledLast() throws Exception {
        bench.live(InterruptMode.MSIX);
        int from = backEnd.codes().indexOf(5);
        assertEquals(List.of(5, 8, 10, 9, 13, 14, 12, 18), backEnd.codes().subList(from, from + 8));

        ByteBuffer table = backEnd.last(5).words();
        assertEquals(1, table.getInt(0), "only what has a file behind it");
        assertEquals(TransportBench.BASE, table.getLong(8));
        assertEquals(TransportBench.BYTES, table.getLong(16));
        assertEquals(TransportBench.OFFSET, table.getLong(32));
        assertArrayEquals(new int[] {TransportBench.FILE}, backEnd.last(5).descriptors());

        long user = table.getLong(24) - table.getLong(8);
        ByteBuffer places = backEnd.last(9).words();
        assertEquals(TransportBench.BASE + user, places.getLong(8), "descriptors");
        assertEquals(TransportBench.BASE + 0x2000 + user, places.getLong(16), "used");
        assertEquals(TransportBench.BASE + 0x1000 + user, places.getLong(24), "available");
        assertEquals(64, backEnd.last(8).words().getInt(4));
        assertEquals(0, backEnd.last(10).words().getInt(4), "an emptied ring begins at 0");
        for (int request : new int[] {12, 13, 14}) {
            assertEquals(0, backEnd.last(request).words().getLong());
            assertEquals(1, backEnd.last(request).descriptors().length);
        }
        assertEquals(1L << 32 | 1L << 30, backEnd.last(2).words().getLong());
    }

    @Test
    void aPackedRingBeginsWithItsWrapCountersAtOne() throws Exception {
        backEnd.features |= 1L << 34;
        bench.live(InterruptMode.MSIX);
        assertEquals(0x8000_8000, backEnd.last(10).words().getInt(4));
    }

    @Test
    void whereThereAreSlotsRegionsAreAddedOneByOne() throws Exception {
        backEnd.protocol |= 1L << FakeBackEnd.SLOTS;
        bench.over(List.of(bench.shared(TransportBench.BASE), bench.shared(0x3_0000_0000L)));
        bench.live(InterruptMode.POLLED);
        assertFalse(backEnd.codes().contains(5));
        assertEquals(2, backEnd.codes().stream().filter(code -> code == 37).count());
        assertEquals(0x3_0000_0000L, backEnd.last(37).words().getLong(8));
        assertArrayEquals(new int[] {TransportBench.FILE}, backEnd.last(37).descriptors());
    }

    @Test
    void withoutAcknowledgementsAQuestionAtTheEndSaysThatAllWasTaken() throws Exception {
        backEnd.protocol = 1 | 1L << FakeBackEnd.CONFIG;
        bench.live(InterruptMode.POLLED);
        int enable = backEnd.codes().indexOf(18);
        assertEquals(1, backEnd.codes().get(enable + 1));
    }

    @Test
    void memoryThatCannotBeGivenIsRefusedBeforeARingIsDescribed() throws Exception {
        bench.over(List.of(new RamRegion(TransportBench.BASE, bench.ram.at(TransportBench.BASE, 4096))));
        assertRefused("queue 0 lies at 0x100000000, where the back-end reaches no memory");

        TransportBench many = new TransportBench();
        many.over(IntStream.range(0, 9)
                .mapToObj(i -> many.shared(TransportBench.BASE + (long) i * TransportBench.BYTES))
                .toList());
        many.connected(InterruptMode.POLLED);
        String message = assertThrows(ProbeRefusedException.class, many.transport::allowDma)
                .getMessage();
        assertTrue(message.contains("RAM has 9 regions, and the back-end takes 8"), message);
    }

    @Test
    void aRingOutsideTheTableIsRefused() throws Exception {
        bench.negotiated();
        bench.transport.connectInterrupts(InterruptMode.POLLED, 1, null);
        bench.transport.enableQueue(
                0, new QueueAddresses(64, TransportBench.BASE, 0x2_0000_0000L, TransportBench.BASE));
        String message = assertThrows(ProbeRefusedException.class, bench.transport::allowDma)
                .getMessage();
        assertTrue(message.contains("0x200000000") && message.contains("Direct or Bounced"), message);
    }

    @Test
    void aLineIsRefusedWithWhatToUseInstead() throws Exception {
        bench.negotiated();
        String message = assertThrows(
                        ProbeRefusedException.class,
                        () -> bench.transport.connectInterrupts(InterruptMode.INTX, 1, null))
                .getMessage();
        assertEquals("vhost-user fake: a process has no interrupt line; try --irq msix or polled", message);
    }

    @Test
    void withAccessPlatformExactlyTheTableIsTranslated() throws Exception {
        backEnd.features |= 1L << 33;
        backEnd.protocol |= 1L << FakeBackEnd.BACKEND_REQ;
        bench.live(InterruptMode.POLLED);
        assertEquals(1, backEnd.codes().stream().filter(code -> code == 22).count());
        assertTrue(backEnd.codes().indexOf(22) > backEnd.codes().indexOf(9));
        assertTrue(backEnd.codes().indexOf(22) < backEnd.codes().indexOf(18));
        ByteBuffer update = backEnd.last(22).words();
        assertEquals(TransportBench.BASE, update.getLong(0));
        assertEquals(TransportBench.BYTES, update.getLong(8));
        assertEquals(backEnd.last(5).words().getLong(24), update.getLong(16));
        assertEquals(3, update.get(24), "read and write");
        assertEquals(2, update.get(25), "update");
        // A miss inside the table is answered; one outside is not.
        backEnd.request(
                FakeBackEnd.message(1, 9, TransportBench.BASE + 0x5000, 0L, 0L, (byte) 3, (byte) 1, (short) 0, 0));
        backEnd.request(FakeBackEnd.message(1, 9, 0x5000L, 0L, 0L, (byte) 3, (byte) 1, (short) 0, 0));
        assertEquals(15, bench.transport.readStatus());
        assertEquals(2, backEnd.codes().stream().filter(code -> code == 22).count());
        assertEquals(
                List.of((byte) 0, (byte) 1),
                backEnd.answers().stream().map(bytes -> bytes[12]).toList());
    }

    @Test
    void accessPlatformWithoutAWayToAskIsRefusedWithTheRemedy() throws Exception {
        backEnd.features |= 1L << 33;
        assertRefused("--withhold access_platform");
    }

    private void assertRefused(String words) throws Exception {
        bench.connected(InterruptMode.POLLED);
        String message = assertThrows(ProbeRefusedException.class, bench.transport::allowDma)
                .getMessage();
        assertTrue(message.startsWith("vhost-user fake: ") && message.contains(words), message);
    }

    @Test
    void theAreaOfWhatIsInFlightIsGivenBackAndNotKept() throws Exception {
        backEnd.protocol |= 1L << FakeBackEnd.INFLIGHT;
        bench.live(InterruptMode.POLLED);
        ByteBuffer given = backEnd.last(32).words();
        assertEquals(4096, given.getLong(0));
        assertEquals(1, given.getShort(16));
        assertEquals(64, given.getShort(18));
        int descriptor = backEnd.last(32).descriptors()[0];
        assertEquals(List.of(descriptor), backEnd.closedDescriptors);
        assertTrue(backEnd.codes().indexOf(32) < backEnd.codes().indexOf(12));
        bench.reset();
        bench.live(InterruptMode.POLLED);
        assertEquals(2, backEnd.codes().stream().filter(code -> code == 31).count(), "a fresh one after a reset");
    }

    @Test
    void theStatusIsToldWhereTheBackEndWantsToKnow() throws Exception {
        backEnd.protocol |= 1L << FakeBackEnd.STATUS;
        bench.live(InterruptMode.POLLED);
        assertEquals(15, backEnd.status);
        backEnd.status |= DeviceStatus.NEEDS_RESET;
        assertTrue((bench.transport.readStatus() & DeviceStatus.NEEDS_RESET) != 0);
    }

    @Test
    void aBackEndThatSaysNoToFeaturesTakesFeaturesOkBack() throws Exception {
        backEnd.instead.put(2, _ -> backEnd.say(FakeBackEnd.message(2, 5, 1L)));
        bench.negotiated();
        assertEquals(0, bench.transport.readStatus() & DeviceStatus.FEATURES_OK);
        assertTrue(bench.transport.trouble().orElseThrow().contains("SET_FEATURES: the back-end says no"));
    }

    // ---- signals

    @Test
    void aCallIsASignalOfItsQueueAndAnErrorBreaksTheSession() throws Exception {
        bench.live(InterruptMode.MSIX);
        backEnd.latchOf(backEnd.last(13).descriptors()[0]).tripped = true;
        bench.router.poll();
        assertTrue(bench.signals.contains("queue 0"));
        assertEquals(15, bench.transport.readStatus());
        backEnd.latchOf(backEnd.last(14).descriptors()[0]).tripped = true;
        bench.router.poll();
        assertTrue(bench.signals.contains("configuration"));
        assertTrue((bench.transport.readStatus() & DeviceStatus.NEEDS_RESET) != 0);
        assertTrue(bench.transport.trouble().orElseThrow().contains("error of a ring"));
    }

    @Test
    void anErrorIsSeenWhereQueuesArePolledToo() throws Exception {
        bench.live(InterruptMode.POLLED);
        assertEquals(List.of(), bench.router.latches());
        backEnd.latchOf(backEnd.last(14).descriptors()[0]).tripped = true;
        assertTrue((bench.transport.readStatus() & DeviceStatus.NEEDS_RESET) != 0);
    }

    @Test
    void theEndOfTheStreamEndsAWait() throws Exception {
        bench.live(InterruptMode.MSIX);
        backEnd.hangUp();
        bench.router.poll();
        assertEquals(List.of("configuration"), bench.signals.stream().distinct().toList());
        assertTrue((bench.transport.readStatus() & DeviceStatus.NEEDS_RESET) != 0);
    }

    // ---- configuration

    @Test
    void aChangedConfigurationIsReadWhenTheBackEndSaysSo() throws Exception {
        backEnd.protocol |= 1L << FakeBackEnd.BACKEND_REQ;
        bench.live(InterruptMode.MSIX);
        int before = bench.transport.configGeneration();
        backEnd.config[1] = 7;
        assertEquals(0, bench.transport.readConfig8(1));
        backEnd.request(FakeBackEnd.message(2, 1));
        bench.router.poll();
        assertTrue(bench.signals.contains("configuration"));
        bench.transport.readStatus();
        assertTrue(bench.transport.configGeneration() != before);
        assertEquals(0x700, bench.transport.readConfig32(0));
        assertEquals(0x700, bench.transport.readConfig16(0));
    }

    @Test
    void anOldConfigurationIsAskedForAgainWithoutWaiting() throws Exception {
        bench.live(InterruptMode.POLLED);
        int asked = backEnd.codes().stream().filter(code -> code == 24).toList().size();
        bench.transport.readStatus();
        assertEquals(
                asked,
                backEnd.codes().stream().filter(code -> code == 24).toList().size());
        backEnd.config[1] = 7;
        bench.cpu.advance(SECOND);
        long start = bench.cpu.elapsed();
        bench.transport.readStatus();
        bench.transport.readStatus();
        assertEquals(7, bench.transport.readConfig8(1));
        assertEquals(start, bench.cpu.elapsed());
    }

    @Test
    void aBackEndThatDoesNotAnswerIsNoticedAndNobodyWaitsForIt() throws Exception {
        bench.live(InterruptMode.POLLED);
        backEnd.stopped = true;
        bench.cpu.advance(SECOND);
        assertEquals(15, bench.transport.readStatus());
        long start = bench.cpu.elapsed();
        assertEquals(15, bench.transport.readStatus());
        assertEquals(start, bench.cpu.elapsed());
        bench.cpu.advance(3 * SECOND);
        assertTrue((bench.transport.readStatus() & DeviceStatus.NEEDS_RESET) != 0);
        assertTrue(bench.transport.trouble().orElseThrow().contains("GET_CONFIG"));
    }

    @Test
    void aByteIsWrittenAndReadBack() throws Exception {
        bench.live(InterruptMode.POLLED);
        bench.transport.writeConfig8(32, 1);
        assertArrayEquals(new int[] {32, 1, 0}, ints(backEnd.last(25).words(), 3));
        bench.transport.configGeneration();
        assertEquals(1, bench.transport.readConfig8(32));
        assertThrows(IndexOutOfBoundsException.class, () -> bench.transport.readConfig32(60));
        assertThrows(IndexOutOfBoundsException.class, () -> bench.transport.readConfig16(1));
    }

    private static int[] ints(ByteBuffer words, int count) {
        return IntStream.range(0, count).map(i -> words.getInt(4 * i)).toArray();
    }

    // ---- reset

    @Test
    void aResetStopsRingsAndIsOverAtTheEndOfTheStream() throws Exception {
        bench.live(InterruptMode.MSIX);
        backEnd.letsGo = false;
        bench.transport.writeStatus(0);
        assertEquals(11, backEnd.codes().getLast(), "GET_VRING_BASE");
        assertEquals(DeviceStatus.NEEDS_RESET, bench.transport.readStatus());
        backEnd.hangUp();
        assertEquals(0, bench.transport.readStatus());
        assertEquals(Set.of(), backEnd.open);
        assertEquals(List.of(), bench.router.latches());
        bench.live(InterruptMode.MSIX);
        assertEquals(2, backEnd.connects);
    }

    @Test
    void aBackEndThatCanBeResetKeepsItsSessionAndItsMemory() throws Exception {
        backEnd.protocol |= 1L << FakeBackEnd.RESET_DEVICE;
        bench.live(InterruptMode.MSIX);
        assertEquals(0, bench.reset());
        assertTrue(backEnd.codes().contains(34));
        bench.transport.forbidDma();
        bench.transport.writeStatus(1);
        bench.live(InterruptMode.MSIX);
        assertEquals(1, backEnd.connects);
        assertEquals(1, backEnd.codes().stream().filter(code -> code == 5).count());
        assertEquals(2, backEnd.codes().stream().filter(code -> code == 12).count());
        bench.reset();
        bench.transport.close();
        assertEquals(Set.of(), backEnd.open);
    }

    @Test
    void regionsThatWereAddedAreTakenBackAtAReset() throws Exception {
        backEnd.protocol |= 1L << FakeBackEnd.RESET_DEVICE | 1L << FakeBackEnd.SLOTS | 1L << FakeBackEnd.STATUS;
        bench.live(InterruptMode.MSIX);
        assertEquals(0, bench.reset());
        assertEquals(
                List.of(11, 34, 39, 40, 38), backEnd.codes().subList(backEnd.heard.size() - 5, backEnd.heard.size()));
        assertArrayEquals(backEnd.last(37).payload(), backEnd.last(38).payload());
        assertEquals(0, backEnd.last(38).descriptors().length);
        bench.transport.forbidDma();
        bench.live(InterruptMode.MSIX);
        assertEquals(1, backEnd.connects);
        assertEquals(2, backEnd.codes().stream().filter(code -> code == 37).count());
    }

    @Test
    void aBrokenSessionIsNotResetButEnded() throws Exception {
        backEnd.protocol |= 1L << FakeBackEnd.RESET_DEVICE;
        bench.live(InterruptMode.MSIX);
        backEnd.hangUp();
        assertTrue(bench.reset() < SECOND);
        assertFalse(backEnd.codes().contains(34));
        bench.live(InterruptMode.MSIX);
        assertEquals(2, backEnd.connects);
    }

    @Test
    void aBackEndThatDoesNotLetGoLosesItsPower() throws Exception {
        bench.live(InterruptMode.MSIX);
        backEnd.owned = true;
        backEnd.letsGo = false;
        backEnd.stopped = true;
        long took = bench.reset();
        assertTrue(took >= 0 && took < 5 * SECOND, "%d ns".formatted(took));
        assertEquals(1, backEnd.powerCycles);
        assertEquals(Set.of(), backEnd.open);
    }

    @Test
    void aStrangerThatDoesNotLetGoIsNeverReset() throws Exception {
        bench.live(InterruptMode.MSIX);
        backEnd.letsGo = false;
        assertEquals(-1, bench.reset());
        assertEquals(1, backEnd.powerCycles, "asked for once");
        assertTrue(bench.transport.trouble().orElseThrow().contains("does not let go of memory"));
        bench.transport.forbidDma();
        bench.transport.close();
        assertEquals(Set.of(), backEnd.open);
    }

    @Test
    void forbiddingAccessCutsTheSession() throws Exception {
        bench.live(InterruptMode.MSIX);
        bench.transport.writeStatus(0x8f);
        bench.transport.forbidDma();
        assertThrows(ProbeRefusedException.class, bench.transport::allowDma);
        assertTrue(bench.reset() < SECOND);
        assertEquals(Set.of(), backEnd.open);
    }

    // ---- cost

    @Test
    void notifyingAndLookingAllocateNothing() throws Exception {
        bench.live(InterruptMode.MSIX);
        AllocationMeter meter = new AllocationMeter();
        for (int round = 0; round < 2; round++) {
            meter.start();
            for (int i = 0; i < 20_000; i++) {
                bench.transport.notifyQueue(0, 0);
                bench.transport.readStatus();
                bench.transport.configGeneration();
            }
        }
        // Not one byte a call; now and then the JVM itself takes some.
        assertTrue(meter.driverBytes() < 20_000, "%d bytes".formatted(meter.driverBytes()));
    }
}
