package dev.postern.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.virtio.fake.ScriptedPackedQueue;
import dev.postern.virtio.fake.SeenBuffer;
import dev.postern.virtio.fake.SeenChain;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a device finds in a packed ring when chains are made available. */
class PackedQueueLayoutTest extends OnBothCodes {

    private static final int NEXT = 1;
    private static final int WRITE = 2;
    private static final int INDIRECT = 4;
    private static final int AVAIL = 1 << 7;
    private static final int USED = 1 << 15;

    @Test
    void theThreeAreasAreAlignedAsTheSpecificationAsks() {
        for (int size : new int[] {1, 5, 7, 256, 32768}) {
            try (PackedBench bench = PackedBench.direct(size)) {
                QueueAddresses at = bench.queue.addresses();
                assertEquals(size, at.size());
                assertEquals(0, at.descriptorDva() % 16, "packed-ring:392: descriptor ring");
                assertEquals(0, at.driverDva() % 4, "packed-ring:392: driver event suppression");
                assertEquals(0, at.deviceDva() % 4, "packed-ring:392: device event suppression");
            }
        }
    }

    @Test
    void everyByteOfADirectChainIsAsGivenOnEitherSideOfTheWrap() throws Exception {
        try (PackedBench bench = PackedBench.direct(3)) {
            assertTrue(bench.queue.begin(2));
            bench.queue.readable(0x8000_0000_0000_0001L, 0x1000);
            bench.queue.writable(-16L, Integer.MAX_VALUE);
            assertEquals(0, bench.queue.commit());
            bench.queue.publish();
            // addr, len, id, flags; little-endian
            assertEquals("0100000000000080" + "00100000" + "0000" + "8100", entry(bench, 0));
            assertEquals("f0ffffffffffffff" + "ffffff7f" + "0000" + "8200", entry(bench, 1));
            assertEquals("00".repeat(16), entry(bench, 2));
            bench.device.use(bench.device.take().orElseThrow(), 0);
            assertEquals(0, bench.queue.pollUsed());

            assertTrue(bench.queue.begin(3));
            bench.queue.readable(1, 2);
            bench.queue.readable(3, 4);
            bench.queue.writable(5, 6);
            assertEquals(0, bench.queue.commit());
            bench.queue.publish();
            assertEquals("0100000000000000" + "02000000" + "0000" + "8100", entry(bench, 2), "wrap counter 1");
            assertEquals("0300000000000000" + "04000000" + "0000" + "0180", entry(bench, 0), "wrap counter 0");
            assertEquals("0500000000000000" + "06000000" + "0000" + "0280", entry(bench, 1), "wrap counter 0");
        }
    }

    private static String entry(PackedBench bench, int slot) {
        byte[] bytes = new byte[16];
        bench.context
                .deviceView()
                .read(bench.queue.addresses().descriptorDva() + 16L * slot, MemorySegment.ofArray(bytes));
        return HexFormat.of().formatHex(bytes);
    }

    @Test
    void anIndirectChainIsOneEntryAndATableWithNoFlagButWrite() throws Exception {
        try (PackedBench bench = PackedBench.indirect(5)) {
            bench.post(1);
            assertTrue(bench.queue.begin(3));
            bench.queue.readable(0x100, 16);
            bench.queue.writable(0x200, 512);
            bench.queue.writable(0x400, 1);
            int id = bench.queue.commit();
            bench.queue.publish();
            List<SeenChain> chains = bench.device.takeAll();
            assertEquals(Optional.empty(), chains.get(0).tableEntry(), "one buffer needs no table");
            SeenBuffer entry = chains.get(1).tableEntry().orElseThrow();
            assertEquals(id, chains.get(1).head());
            assertEquals(1, entry.slot());
            assertEquals(INDIRECT | AVAIL, entry.flags());
            assertEquals(3 * 16, entry.length());
            List<SeenBuffer> table = chains.get(1).buffers();
            assertEquals(
                    List.of(0, WRITE, WRITE),
                    table.stream().map(SeenBuffer::flags).toList(),
                    "packed-ring:499");
            assertEquals(
                    List.of(0x100L, 0x200L, 0x400L),
                    table.stream().map(SeenBuffer::dva).toList());
            assertEquals(
                    List.of(16L, 512L, 1L),
                    table.stream().map(SeenBuffer::length).toList());
        }
    }

    @Test
    void tablesOfChainsInFlightDoNotOverlap() throws Exception {
        try (PackedBench bench = PackedBench.indirect(7)) {
            for (int i = 0; i < 7; i++) {
                assertTrue(bench.queue.hasRoom(7));
                bench.commit(7);
            }
            assertFalse(bench.queue.begin(1));
            bench.queue.publish();
            List<SeenBuffer> entries = bench.device.takeAll().stream()
                    .flatMap(c -> c.tableEntry().stream())
                    .toList();
            assertEquals(7, entries.size());
            for (SeenBuffer a : entries) {
                for (SeenBuffer b : entries) {
                    assertTrue(a == b || a.dva() + a.length() <= b.dva() || b.dva() + b.length() <= a.dva());
                }
            }
        }
    }

    @Test
    void aBurstIsInvisibleUntilItsFirstFlagsAreWrittenLast() throws Exception {
        try (PackedBench bench = PackedBench.direct(7)) {
            bench.round(2);
            int[] ids = {bench.commit(2), bench.commit(1), bench.commit(3)};
            SeenBuffer first = bench.device.descriptor(2);
            assertEquals(0, first.flags(), "the first flags of the burst are kept back");
            assertNotEquals(0, first.dva(), "all else of the first entry is there");
            assertEquals(List.of(), bench.device.takeAll());
            assertEquals(AVAIL | WRITE, bench.device.descriptor(3).flags(), "the rest is written before");
            assertTrue(bench.queue.publish());
            List<SeenChain> chains = bench.device.takeAll();
            assertEquals(
                    List.of(ids[0], ids[1], ids[2]),
                    chains.stream().map(SeenChain::head).toList());
            assertEquals(
                    List.of(2, 1, 3),
                    chains.stream().map(c -> c.buffers().size()).toList());
            assertFalse(bench.queue.publish(), "there is nothing to notify of");
        }
    }

    @Test
    void anAbandonedChainLeavesNothingThatTheDeviceCouldTake() throws Exception {
        for (int lead = 0; lead < 12; lead++) {
            try (PackedBench bench = PackedBench.direct(5)) {
                for (int i = 0; i < lead; i++) {
                    bench.round(1);
                }
                assertTrue(bench.queue.begin(4));
                for (int i = 0; i < 4; i++) {
                    bench.queue.writable(0xdead, 1);
                }
                bench.queue.abandon();
                int id = bench.post(1);
                List<SeenChain> chains = bench.device.takeAll();
                assertEquals(
                        List.of(id),
                        chains.stream().map(SeenChain::head).toList(),
                        "flags of the abandoned chain were left behind the new one, after %d rounds".formatted(lead));
            }
        }
    }

    @Test
    void aChainUnderConstructionIsNotShownWithTheBurstBeforeIt() throws Exception {
        try (PackedBench bench = PackedBench.direct(8)) {
            int shown = bench.commit(2);
            assertTrue(bench.queue.begin(2));
            bench.queue.readable(1, 1);
            bench.queue.readable(2, 2);
            bench.queue.publish();
            assertEquals(
                    List.of(shown),
                    bench.device.takeAll().stream().map(SeenChain::head).toList());
            int second = bench.queue.commit();
            assertEquals(List.of(), bench.device.takeAll());
            bench.queue.publish();
            assertEquals(
                    List.of(second),
                    bench.device.takeAll().stream().map(SeenChain::head).toList());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 7, 8, 256})
    void everyChainLengthGoesRoundTheRingManyTimes(int size) throws Exception {
        for (int buffers = 1; buffers <= size; buffers += Math.max(1, size / 7)) {
            try (PackedBench bench = PackedBench.direct(size)) {
                int place = 0;
                boolean wrap = true;
                for (int turn = 0; turn < 4 * size + 3; turn++) {
                    int id = bench.post(buffers);
                    SeenChain chain = bench.device.take().orElseThrow();
                    assertEquals(buffers, chain.buffers().size());
                    for (SeenBuffer buffer : chain.buffers()) {
                        assertEquals(place, buffer.slot());
                        assertEquals(wrap ? AVAIL : USED, buffer.flags() & (AVAIL | USED));
                        boolean last = buffer == chain.last();
                        assertEquals(last ? WRITE : NEXT, buffer.flags() & (NEXT | WRITE | INDIRECT));
                        place = (place + 1) % size;
                        wrap = place == 0 ? !wrap : wrap;
                    }
                    assertEquals(Virtqueue.NONE, bench.queue.pollUsed());
                    bench.device.use(chain, turn % 513);
                    assertEquals(id, bench.queue.pollUsed());
                    assertEquals(turn % 513, bench.queue.usedLength());
                    assertEquals(Virtqueue.NONE, bench.queue.pollUsed());
                }
            }
        }
    }

    @Test
    void aFullQueueOfTheLargestSizeGoesRoundThroughTheWrap() throws Exception {
        int size = 32768;
        try (PackedBench bench = PackedBench.direct(size)) {
            bench.round(1);
            for (int round = 0; round < 3; round++) {
                for (int i = 0; i < size; i++) {
                    bench.commit(1);
                }
                assertFalse(bench.queue.hasRoom(1));
                bench.queue.publish();
                bench.device.takeAll().forEach(chain -> bench.device.use(chain, 512));
                for (int i = 0; i < size; i++) {
                    assertTrue(bench.queue.pollUsed() >= 0);
                }
                assertEquals(Virtqueue.NONE, bench.queue.pollUsed());
                assertEquals(0, bench.queue.outstanding());
            }
        }
    }

    @Test
    void chainsUsedOutOfOrderComeBackByIdAndTheirIdsAreTakenAgain() throws Exception {
        try (PackedBench bench = PackedBench.direct(7)) {
            int a = bench.commit(3);
            int b = bench.commit(1);
            int c = bench.commit(2);
            bench.queue.publish();
            List<SeenChain> chains = bench.device.takeAll();
            bench.device.use(chains.get(2), 3);
            bench.device.use(chains.get(0), 1);
            assertEquals(c, bench.queue.pollUsed());
            assertEquals(3, bench.queue.usedLength());
            assertTrue(bench.queue.hasRoom(3), "the room of the chain that came back, and the one left");
            assertFalse(bench.queue.hasRoom(4));
            assertEquals(a, bench.queue.pollUsed());
            assertEquals(1, bench.queue.usedLength());
            int again = bench.post(6);
            assertNotEquals(b, again, "the device still has it");
            assertTrue(again == a || again == c, "ids of chains that came back are taken again");
            SeenChain late = bench.device.take().orElseThrow();
            assertEquals(6, late.buffers().size());
            bench.device.use(late, 6);
            bench.device.use(chains.get(1), 2);
            assertEquals(again, bench.queue.pollUsed());
            assertEquals(b, bench.queue.pollUsed());
            assertEquals(2, bench.queue.usedLength());
            assertEquals(0, bench.queue.outstanding());
        }
    }

    @ParameterizedTest
    @EnumSource(QueueOptions.Chaining.class)
    void aRestartedQueueIsAsNew(QueueOptions.Chaining chains) throws Exception {
        try (PackedBench bench = new PackedBench(PackedBench.options(5, chains, QueueOptions.UsedSignals.SUPPRESSED))) {
            for (int i = 0; i < 7; i++) {
                bench.round(1);
            }
            bench.post(3);
            bench.commit(1);
            bench.device.deviceEvents(0, 1);
            bench.device.use(99, 0, 1);
            org.junit.jupiter.api.Assertions.assertThrows(QueueBrokenException.class, bench.queue::pollUsed);

            bench.queue.restart();

            assertEquals(null, bench.queue.fault());
            assertEquals(0, bench.queue.outstanding());
            assertEquals(Virtqueue.NONE, bench.queue.pollUsed());
            for (int slot = 0; slot < 5; slot++) {
                assertEquals("00".repeat(16), entry(bench, slot), "the ring starts as zeros");
            }
            assertEquals(1 << 16, bench.device.driverEvents(), "a polled queue still wants no signal");
            ScriptedPackedQueue again = new ScriptedPackedQueue(bench.context.deviceView(), bench.queue.addresses());
            int id = bench.commit(5);
            assertTrue(bench.queue.publish(), "what the device wished before the reset is forgotten");
            SeenChain chain = again.take().orElseThrow();
            assertEquals(5, chain.buffers().size());
            again.use(chain, 512);
            assertEquals(id, bench.queue.pollUsed());
            assertEquals(Virtqueue.NONE, bench.queue.pollUsed());
        }
    }

    @Test
    void theNotificationNamesTheFirstDescriptorThatTheDeviceWasNotShown() throws Exception {
        try (PackedBench bench = PackedBench.direct(3)) {
            assertEquals(0x8000, bench.queue.notificationOffset());
            bench.commit(2);
            assertEquals(0x8000, bench.queue.notificationOffset(), "packed-ring:460: committed is not shown");
            bench.queue.publish();
            assertEquals(0x8002, bench.queue.notificationOffset());
            bench.post(1);
            assertEquals(0, bench.queue.notificationOffset(), "the wrap counter is 0 now");
        }
        try (QueueBench bench = QueueBench.direct(4)) {
            bench.post(1);
            bench.commit(1);
            assertEquals(1, bench.queue.notificationOffset(), "content:1010: committed is not shown");
        }
    }
}
