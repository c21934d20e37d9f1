package dev.postern.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.virtio.fake.SeenChain;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Devices that say in a packed ring what no device may say. */
class PackedQueueAdversaryTest extends OnBothCodes {

    @ParameterizedTest
    @ValueSource(ints = {7, 8, 255, 32767, 32768, 65535})
    void anIdBeyondTheQueueBreaksIt(int id) throws Exception {
        try (PackedBench bench = PackedBench.direct(7)) {
            for (int i = 0; i < 7; i++) {
                bench.commit(1);
            }
            bench.queue.publish();
            bench.device.use(id, 1, 1);
            assertBroken(bench, "id %d, allowed are 0 to 6".formatted(id));
        }
    }

    @Test
    void anIdThatWasNeverPostedBreaksTheQueue() throws Exception {
        try (PackedBench bench = PackedBench.direct(7)) {
            int id = bench.post(1);
            bench.device.use(id + 1, 0, 1);
            assertBroken(bench, "id %d is that of no outstanding chain".formatted(id + 1));
        }
    }

    @Test
    void anIdleQueueTakesNoUsedDescriptor() throws Exception {
        try (PackedBench bench = PackedBench.direct(7)) {
            bench.device.use(0, 0, 1);
            assertBroken(bench, "id 0 is that of no outstanding chain");
        }
    }

    @Test
    void aChainThatIsCommittedButNotYetShownCannotBeUsed() throws Exception {
        try (PackedBench bench = PackedBench.direct(7)) {
            bench.post(1);
            int hidden = bench.commit(1);
            bench.device.use(hidden, 0, 1);
            assertBroken(bench, "id %d is that of no outstanding chain".formatted(hidden));
        }
    }

    @Test
    void anIdThatWasUsedBeforeBreaksTheQueue() throws Exception {
        try (PackedBench bench = PackedBench.direct(7)) {
            int first = bench.commit(2);
            bench.commit(1);
            bench.queue.publish();
            SeenChain chain = bench.device.takeAll().getFirst();
            bench.device.use(chain, 1);
            bench.device.use(chain, 1);
            assertEquals(first, bench.queue.pollUsed());
            assertBroken(bench, "id %d is that of no outstanding chain".formatted(first));
            assertEquals(1, bench.queue.fault().entry(), "counted from 0");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {513, 4096, Integer.MAX_VALUE, Integer.MIN_VALUE, -1, 0x10000200})
    void aLengthBeyondWhatWasPostedWritableBreaksTheQueue(int length) throws Exception {
        for (QueueOptions.Chaining chains : QueueOptions.Chaining.values()) {
            try (PackedBench bench = new PackedBench(PackedBench.options(7, chains, QueueOptions.UsedSignals.WANTED))) {
                bench.post(3);
                bench.device.use(bench.device.take().orElseThrow(), length);
                assertBroken(bench, "length %s, but chain".formatted(Integer.toUnsignedString(length)));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 511, 512})
    void everyLengthUpToWhatWasPostedWritableIsTaken(int length) throws Exception {
        try (PackedBench bench = PackedBench.direct(7)) {
            int id = bench.post(3);
            bench.device.use(bench.device.take().orElseThrow(), length);
            assertEquals(id, bench.queue.pollUsed());
            assertEquals(length, bench.queue.usedLength());
        }
    }

    @Test
    void aLengthIsCheckedAgainstItsOwnChainNotTheOneWhoseEntryItOverwrites() throws Exception {
        try (PackedBench bench = PackedBench.direct(7)) {
            bench.commit(1);
            assertTrue(bench.queue.begin(1));
            bench.queue.writable(QueueBench.BUFFER, 64);
            bench.queue.commit();
            bench.queue.publish();
            List<SeenChain> chains = bench.device.takeAll();
            bench.device.use(chains.get(1), 65);
            assertBroken(bench, "length 65");
        }
    }

    @Test
    void anOrderedDeviceCannotNameAChainThatItPassedOverBefore() throws Exception {
        QueueOptions options = PackedBench.options(7, QueueOptions.Chaining.DIRECT, QueueOptions.UsedSignals.SUPPRESSED)
                .withOrder(QueueOptions.UseOrder.AS_AVAILABLE);
        try (PackedBench bench = new PackedBench(options)) {
            int[] ids = {bench.commit(1), bench.commit(2), bench.commit(1)};
            bench.queue.publish();
            List<SeenChain> chains = bench.device.takeAll();
            bench.device.use(chains.subList(0, 2), 7);
            assertEquals(ids[0], bench.queue.pollUsed());
            assertEquals(512, bench.queue.usedLength(), "packed-ring:264: passed over is used completely");
            assertTrue(bench.queue.askForSignal(), "one of the batch still waits to be given back");
            assertEquals(ids[1], bench.queue.pollUsed());
            assertEquals(7, bench.queue.usedLength());
            assertFalse(bench.queue.askForSignal());
            assertEquals(Virtqueue.NONE, bench.queue.pollUsed());
            bench.device.use(chains.get(0), 0);
            assertBroken(bench, "id %d is that of no outstanding chain".formatted(ids[0]));
        }
    }

    @Test
    void flagsThatOnlyLookUsedForTheOtherRoundAreNone() throws Exception {
        try (PackedBench bench = PackedBench.direct(5)) {
            bench.post(1);
            bench.device.flags(0, 0);
            assertEquals(Virtqueue.NONE, bench.queue.pollUsed());
            bench.device.flags(0, 1 << 15);
            assertEquals(Virtqueue.NONE, bench.queue.pollUsed());
            // packed-ring:222: all other bits of a used descriptor are ignored.
            bench.device.flags(0, 0xffff);
            assertEquals(0, bench.queue.pollUsed());
        }
    }

    @Test
    void aRingScribbledOverByTheDeviceLeavesTheDriversRecordsAlone() throws Exception {
        try (PackedBench bench = PackedBench.direct(7)) {
            int first = bench.commit(3);
            int second = bench.commit(2);
            bench.queue.publish();
            List<SeenChain> chains = bench.device.takeAll();
            byte[] scribble = new byte[7 * 16];
            // Neither used nor available in this round.
            Arrays.fill(scribble, (byte) 0x7f);
            bench.context.deviceView().write(bench.queue.addresses().descriptorDva(), scribble);
            assertEquals(Virtqueue.NONE, bench.queue.pollUsed());
            bench.device.use(chains.get(1), 5);
            bench.device.use(chains.get(0), 6);
            assertEquals(second, bench.queue.pollUsed());
            assertEquals(5, bench.queue.usedLength());
            assertEquals(first, bench.queue.pollUsed());
            assertEquals(6, bench.queue.usedLength());
            bench.post(7);
            assertEquals(7, bench.device.take().orElseThrow().buffers().size());
        }
    }

    private static void assertBroken(PackedBench bench, String words) {
        int outstanding = bench.queue.outstanding();
        QueueBrokenException broken = assertThrows(QueueBrokenException.class, bench.queue::pollUsed);
        assertTrue(broken.getMessage().contains(words), broken.getMessage());
        assertTrue(broken.getMessage().startsWith("q queue 3"), broken.getMessage());
        assertFalse(broken.getMessage().contains("\n"), "one line");
        assertEquals(outstanding, bench.queue.outstanding(), "a refused answer releases nothing");
        assertThrows(QueueBrokenException.class, () -> bench.queue.begin(1));
    }
}
