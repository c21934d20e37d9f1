package dev.postern.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.virtio.fake.SeenBuffer;
import dev.postern.virtio.fake.SeenChain;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a device finds in memory when chains are made available. */
class SplitQueueLayoutTest extends OnBothCodes {

    private static final int NEXT = 1;
    private static final int WRITE = 2;
    private static final int INDIRECT = 4;

    @Test
    void theThreeAreasAreAlignedAsTheSpecificationAsks() {
        for (int size : new int[] {1, 2, 256, 32768}) {
            try (QueueBench bench = QueueBench.direct(size)) {
                QueueAddresses at = bench.queue.addresses();
                assertEquals(size, at.size());
                assertEquals(0, at.descriptorDva() % 16, "split-ring:61: descriptor table");
                assertEquals(0, at.driverDva() % 2, "split-ring:61: available ring");
                assertEquals(0, at.deviceDva() % 4, "split-ring:61: used ring");
            }
        }
    }

    @Test
    void everyFieldOfADirectChainIsAsGiven() throws Exception {
        try (QueueBench bench = QueueBench.direct(8)) {
            assertTrue(bench.queue.begin(4));
            bench.queue.readable(0x8000_0000_0000_0001L, 1);
            bench.queue.readable(0x0000_0001_ffff_fff0L, 0x1000);
            bench.queue.writable(-16L, Integer.MAX_VALUE);
            bench.queue.writable(0, 7);
            int head = bench.queue.commit();
            assertTrue(bench.queue.publish());

            SeenChain chain = bench.device.take().orElseThrow();
            assertEquals(head, chain.head());
            assertEquals(Optional.empty(), chain.tableEntry());
            assertEquals(
                    List.of(0x8000_0000_0000_0001L, 0x0000_0001_ffff_fff0L, -16L, 0L),
                    chain.buffers().stream().map(SeenBuffer::dva).toList());
            assertEquals(
                    List.of(1L, 0x1000L, (long) Integer.MAX_VALUE, 7L),
                    chain.buffers().stream().map(SeenBuffer::length).toList());
            assertEquals(
                    List.of(NEXT, NEXT, WRITE | NEXT, WRITE),
                    chain.buffers().stream().map(SeenBuffer::flags).toList());
        }
    }

    @Test
    void aChainOfOneHasNeitherNextNorTable() throws Exception {
        try (QueueBench bench = QueueBench.indirect(4, 4)) {
            assertTrue(bench.queue.begin(1));
            bench.queue.readable(0x40, 5);
            bench.queue.commit();
            bench.queue.publish();
            SeenChain chain = bench.device.take().orElseThrow();
            assertEquals(Optional.empty(), chain.tableEntry());
            assertEquals(0, chain.last().flags());
        }
    }

    @Test
    void anIndirectChainIsOneEntryWithoutNextOrWriteAndAPlainTable() throws Exception {
        try (QueueBench bench = QueueBench.indirect(4, 3)) {
            bench.post(1);
            assertTrue(bench.queue.begin(3));
            bench.queue.readable(0x100, 16);
            bench.queue.writable(0x200, 512);
            bench.queue.writable(0x400, 1);
            int head = bench.queue.commit();
            bench.queue.publish();
            SeenChain chain = bench.device.takeAll().get(1);
            assertEquals(head, chain.head());
            SeenBuffer entry = chain.tableEntry().orElseThrow();
            assertEquals(INDIRECT, entry.flags(), "split-ring:274");
            assertEquals(3 * 16, entry.length(), "the table is as long as the chain, not as the room for it");
            assertEquals(
                    List.of(NEXT, WRITE | NEXT, WRITE),
                    chain.buffers().stream().map(SeenBuffer::flags).toList());
            assertEquals(
                    List.of(0, 1, 2),
                    chain.buffers().stream().map(SeenBuffer::slot).toList());
            assertEquals(
                    List.of(0x100L, 0x200L, 0x400L),
                    chain.buffers().stream().map(SeenBuffer::dva).toList());
        }
    }

    @Test
    void tablesOfChainsInFlightDoNotOverlap() throws Exception {
        try (QueueBench bench = QueueBench.indirect(8, 5)) {
            for (int i = 0; i < 8; i++) {
                bench.commit(5);
            }
            bench.queue.publish();
            List<SeenBuffer> entries = bench.device.takeAll().stream()
                    .flatMap(c -> c.tableEntry().stream())
                    .toList();
            assertEquals(8, entries.size());
            for (SeenBuffer a : entries) {
                for (SeenBuffer b : entries) {
                    assertTrue(a == b || a.dva() + a.length() <= b.dva() || b.dva() + b.length() <= a.dva());
                }
            }
        }
    }

    @Test
    void aChainIsNeverLongerThanTheQueueThroughATableEither() {
        try (QueueBench bench = QueueBench.indirect(4, 100)) {
            assertEquals(4, bench.queue.longestChain(), "split-ring:271");
        }
        try (QueueBench bench = QueueBench.direct(4)) {
            assertEquals(4, bench.queue.longestChain());
        }
        try (QueueBench bench = QueueBench.indirect(1, 100)) {
            assertEquals(1, bench.queue.longestChain());
        }
    }

    @Test
    void aQueueOfTablesTakesAsManyLongChainsAsItHasEntries() throws Exception {
        try (QueueBench bench = QueueBench.indirect(4, 4)) {
            for (int i = 0; i < 4; i++) {
                assertTrue(bench.queue.hasRoom(4));
                bench.commit(4);
            }
            assertFalse(bench.queue.hasRoom(1));
            assertFalse(bench.queue.begin(1));
            assertEquals(4, bench.queue.outstanding());
        }
        try (QueueBench bench = QueueBench.direct(4)) {
            bench.commit(3);
            assertTrue(bench.queue.hasRoom(1));
            assertFalse(bench.queue.hasRoom(2));
            assertFalse(bench.queue.begin(2));
            bench.commit(1);
            assertFalse(bench.queue.hasRoom(1));
        }
    }

    @Test
    void nothingIsShownBeforePublishAndABurstIsShownByOneIndex() throws Exception {
        try (QueueBench bench = QueueBench.direct(8)) {
            int[] heads = {bench.commit(2), bench.commit(1), bench.commit(3)};
            assertEquals(0, bench.device.availableIndex());
            assertTrue(bench.queue.publish());
            assertEquals(3, bench.device.availableIndex());
            for (int i = 0; i < heads.length; i++) {
                assertEquals(heads[i], bench.device.availableSlot(i), "the ring keeps the order of the commits");
            }
            assertFalse(bench.queue.publish(), "there is nothing to notify of");
            assertEquals(3, bench.device.availableIndex());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 8, 256})
    void theIndexRunsFreelyPast65535AndTheSlotIsItsRemainder(int size) throws Exception {
        try (QueueBench bench = QueueBench.direct(size)) {
            for (int i = 0; i < 65536 + 3; i++) {
                int head = bench.post(1);
                assertEquals(i + 1 & 0xffff, bench.device.availableIndex(), "split-ring:321");
                assertEquals(head, bench.device.availableSlot(i % size));
                bench.device.take().orElseThrow();
                bench.device.complete(head, 1);
                assertEquals(head, bench.queue.pollUsed());
                assertEquals(Virtqueue.NONE, bench.queue.pollUsed());
            }
        }
    }

    @Test
    void aFullQueueOfTheLargestSizeGoesRoundThroughTheWrap() throws Exception {
        int size = 32768;
        try (QueueBench bench = QueueBench.direct(size)) {
            for (int round = 0; round < 3; round++) {
                for (int i = 0; i < size; i++) {
                    bench.commit(1);
                }
                bench.queue.publish();
                for (SeenChain chain : bench.device.takeAll()) {
                    bench.device.stage(chain.head(), 512);
                }
                bench.device.announce();
                for (int i = 0; i < size; i++) {
                    assertTrue(bench.queue.pollUsed() >= 0);
                }
                assertEquals(Virtqueue.NONE, bench.queue.pollUsed());
                assertEquals(0, bench.queue.outstanding());
            }
        }
    }

    @Test
    void onlyTheLowestBitOfTheUsedFlagsSuppressesNotifications() throws Exception {
        try (QueueBench bench = QueueBench.direct(64)) {
            for (int flags : new int[] {0, 1, 2, 3, 0xfffe, 0xffff, 0x8000, 0x0100}) {
                bench.device.usedFlags(flags);
                bench.commit(1);
                assertEquals((flags & 1) == 0, bench.queue.publish(), "split-ring:524, flags 0x%x".formatted(flags));
            }
        }
    }

    @Test
    void aPolledQueueAsksForNoInterruptsAndAnotherForThem() throws Exception {
        for (QueueOptions.UsedSignals signals : QueueOptions.UsedSignals.values()) {
            try (QueueBench bench = new QueueBench(1, 4, 4, QueueOptions.Chaining.DIRECT, signals)) {
                int expected = signals == QueueOptions.UsedSignals.SUPPRESSED ? 1 : 0;
                assertEquals(expected, bench.device.availableFlags());
                bench.post(2);
                assertEquals(expected, bench.device.availableFlags(), "publishing leaves the flags alone");
                bench.queue.restart();
                assertEquals(expected, bench.device.availableFlags(), "restarting leaves the wish as it was");
            }
        }
    }

    @Test
    void theUsedLengthIsPassedOnWholeAndForTheRightChain() throws Exception {
        try (QueueBench bench = QueueBench.direct(8)) {
            int first = bench.commit(2);
            int second = bench.commit(1);
            bench.queue.publish();
            bench.device.stage(second, 0);
            bench.device.stage(first, 512);
            bench.device.announce();
            assertEquals(second, bench.queue.pollUsed());
            assertEquals(0, bench.queue.usedLength());
            assertEquals(first, bench.queue.pollUsed());
            assertEquals(512, bench.queue.usedLength());
        }
    }

    @Test
    void buffersOfAnUnansweredChainAreNotAlteredByLaterOnes() throws Exception {
        try (QueueBench bench = QueueBench.direct(8)) {
            int kept = bench.post(3);
            SeenChain before = bench.device.take().orElseThrow();
            for (int i = 0; i < 100; i++) {
                int head = bench.post(1 + i % 5);
                bench.device.take().orElseThrow();
                bench.device.complete(head, 0);
                bench.queue.pollUsed();
            }
            List<SeenBuffer> now = Stream.of(before.buffers())
                    .flatMap(List::stream)
                    .map(b -> bench.device.descriptor(b.slot()))
                    .toList();
            assertEquals(before.buffers(), now, "content:634");
            bench.device.complete(kept, 512);
            assertEquals(kept, bench.queue.pollUsed());
        }
    }
}
