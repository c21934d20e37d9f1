package dev.postern.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.virtio.fake.ScriptedQueue;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Devices that say what no device may say: rows 1, 2, 6, 7, 11 and 17 of the immunity table. */
class SplitQueueAdversaryTest extends OnBothCodes {

    @ParameterizedTest
    @ValueSource(ints = {8, 9, 255, 65535, 65536, 0x10001, 0x10000000, Integer.MAX_VALUE, Integer.MIN_VALUE, -1})
    void anIdBeyondTheQueueBreaksItWhateverItsLowBitsAre(int id) throws Exception {
        try (QueueBench bench = QueueBench.direct(8)) {
            for (int i = 0; i < 8; i++) {
                bench.commit(1);
            }
            bench.queue.publish();
            bench.device.complete(id, 1);
            assertBroken(bench, "id " + Integer.toUnsignedString(id));
        }
    }

    @Test
    void anIdThatWasNeverPostedBreaksTheQueue() throws Exception {
        try (QueueBench bench = QueueBench.direct(8)) {
            int head = bench.post(1);
            bench.device.complete(head + 1, 0);
            assertBroken(bench, "id " + (head + 1));
        }
    }

    @Test
    void aChainThatIsCommittedButNotYetShownCannotBeUsed() throws Exception {
        try (QueueBench bench = QueueBench.direct(8)) {
            int shown = bench.post(1);
            int hidden = bench.commit(1);
            assertTrue(shown != hidden);
            bench.device.complete(hidden, 0);
            assertBroken(bench, "id " + hidden);
        }
    }

    @Test
    void aUsedIndexThatCountsChainsNotYetShownBreaksTheQueue() throws Exception {
        try (QueueBench bench = QueueBench.direct(8)) {
            bench.commit(1);
            bench.device.usedIndex(1);
            assertBroken(bench, "advanced by 1");
        }
    }

    @Test
    void anIdThatWasUsedBeforeBreaksTheQueue() throws Exception {
        try (QueueBench bench = QueueBench.direct(8)) {
            int first = bench.commit(1);
            int second = bench.commit(1);
            bench.queue.publish();
            bench.device.complete(first, 1);
            assertEquals(first, bench.queue.pollUsed());
            bench.device.complete(first, 1);
            assertBroken(bench, "id " + first);
            assertEquals(1, bench.queue.outstanding(), "the other chain, %d, is still the device's".formatted(second));
        }
    }

    @Test
    void anIdTwiceInOneBurstBreaksTheQueueAtTheSecond() throws Exception {
        try (QueueBench bench = QueueBench.direct(8)) {
            int first = bench.commit(1);
            bench.commit(1);
            bench.queue.publish();
            bench.device.stage(first, 1);
            bench.device.stage(first, 1);
            bench.device.announce();
            assertEquals(first, bench.queue.pollUsed());
            assertBroken(bench, "id " + first);
            assertEquals(1, bench.queue.fault().entry(), "counted from 0");
        }
    }

    @Test
    void theSecondOrThirdDescriptorOfAChainIsNoHead() throws Exception {
        for (int at = 1; at < 3; at++) {
            try (QueueBench bench = QueueBench.direct(8)) {
                bench.post(3);
                int inner = bench.device.take().orElseThrow().buffers().get(at).slot();
                bench.device.complete(inner, 0);
                assertBroken(bench, "id " + inner);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {513, 514, 528, 4096, Integer.MAX_VALUE, Integer.MIN_VALUE, -1, 0x10000200})
    void aLengthBeyondWhatWasPostedWritableBreaksTheQueue(int length) throws Exception {
        for (QueueOptions.Chaining chains : QueueOptions.Chaining.values()) {
            try (QueueBench bench = new QueueBench(1, 8, 4, chains, QueueOptions.UsedSignals.WANTED)) {
                int head = bench.post(3);
                bench.device.complete(head, length);
                assertBroken(bench, "length " + Integer.toUnsignedString(length));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 511, 512})
    void everyLengthUpToWhatWasPostedWritableIsTaken(int length) throws Exception {
        try (QueueBench bench = QueueBench.direct(8)) {
            int head = bench.post(3);
            bench.device.complete(head, length);
            assertEquals(head, bench.queue.pollUsed());
            assertEquals(length, bench.queue.usedLength());
        }
    }

    @Test
    void aByteWrittenIntoAChainWithoutWritableBuffersBreaksTheQueue() throws Exception {
        try (QueueBench bench = QueueBench.direct(8)) {
            bench.queue.begin(1);
            bench.queue.readable(QueueBench.BUFFER, 4096);
            int head = bench.queue.commit();
            bench.queue.publish();
            bench.device.complete(head, 1);
            assertBroken(bench, "length 1");
        }
    }

    @Test
    void writableBytesAreCountedBeyond31Bits() throws Exception {
        try (QueueBench bench = QueueBench.direct(8)) {
            bench.queue.begin(3);
            for (int i = 0; i < 3; i++) {
                bench.queue.writable(QueueBench.BUFFER, Integer.MAX_VALUE - (i == 2 ? Integer.MAX_VALUE - 1 : 0));
            }
            int head = bench.queue.commit();
            bench.queue.publish();
            bench.device.complete(head, -1);
            assertEquals(head, bench.queue.pollUsed());
            assertEquals(-1, bench.queue.usedLength(), "2^32 - 1 bytes of 2^32 - 1");
        }
    }

    @ParameterizedTest
    @CsvSource({"3, advanced by 3", "9, advanced by 9", "32768, advanced by 32768", "65535, advanced by 65535"})
    void aUsedIndexThatJumpsBreaksTheQueue(int index, String words) throws Exception {
        try (QueueBench bench = QueueBench.direct(8)) {
            bench.commit(1);
            bench.commit(1);
            bench.queue.publish();
            bench.device.usedIndex(index);
            assertBroken(bench, words);
        }
    }

    @Test
    void aUsedIndexThatGoesBackBreaksTheQueue() throws Exception {
        try (QueueBench bench = QueueBench.direct(8)) {
            int first = bench.post(1);
            bench.post(1);
            bench.device.complete(first, 1);
            assertEquals(first, bench.queue.pollUsed());
            bench.device.usedIndex(0);
            assertBroken(bench, "advanced by 65535");
        }
    }

    @Test
    void anIdleQueueTakesNoIndexButItsOwn() throws Exception {
        try (QueueBench bench = QueueBench.direct(8)) {
            assertEquals(Virtqueue.NONE, bench.queue.pollUsed());
            bench.device.usedIndex(1);
            assertBroken(bench, "0 chains outstanding");
        }
    }

    @Test
    void aChainIsCheckedAgainstItsOwnBytesNotThoseOfTheHeadsLastOwner() throws Exception {
        try (QueueBench bench = QueueBench.direct(1)) {
            int head = bench.post(1);
            bench.device.complete(head, 512);
            assertEquals(head, bench.queue.pollUsed());
            bench.queue.begin(1);
            bench.queue.writable(QueueBench.BUFFER, 64);
            assertEquals(head, bench.queue.commit());
            bench.queue.publish();
            bench.device.complete(head, 65);
            assertBroken(bench, "length 65");
        }
    }

    @Test
    void aDescriptorTableScribbledOverByTheDeviceChangesNothing() throws Exception {
        // The device can write what it is forbidden to write (split-ring:220): next fields that lead anywhere.
        try (QueueBench bench = QueueBench.direct(8)) {
            int[] heads = {bench.commit(3), bench.commit(3)};
            bench.queue.publish();
            QueueAddresses at = bench.queue.addresses();
            byte[] ones = new byte[8 * 16];
            Arrays.fill(ones, (byte) 0xff);
            bench.context.deviceView().write(at.descriptorDva(), ones);
            bench.device.stage(heads[1], 0);
            bench.device.stage(heads[0], 0);
            bench.device.announce();
            assertEquals(heads[1], bench.queue.pollUsed());
            assertEquals(heads[0], bench.queue.pollUsed());
            assertTrue(bench.queue.hasRoom(8));
            bench.post(8);
            assertEquals(8, bench.device.takeAll().getLast().buffers().size());
        }
    }

    @Test
    void anAvailableRingScribbledOverByTheDeviceDoesNotChangeTheIndexShownNext() throws Exception {
        try (QueueBench bench = QueueBench.direct(8)) {
            bench.post(1);
            bench.context
                    .deviceView()
                    .write(bench.queue.addresses().driverDva(), new byte[] {0, 0, (byte) 0x77, (byte) 0x77});
            bench.post(1);
            assertEquals(2, bench.device.availableIndex());
        }
    }

    @Test
    void aBrokenQueueRefusesEverythingUntilItIsRestarted() throws Exception {
        try (QueueBench bench = QueueBench.direct(8)) {
            int head = bench.post(2);
            bench.device.complete(head, 513);
            QueueBrokenException first = assertThrows(QueueBrokenException.class, bench.queue::pollUsed);
            // A device that comes to its senses is not believed.
            bench.device.put(0, head, 512);
            assertSame(
                    first.fault(),
                    assertThrows(QueueBrokenException.class, bench.queue::pollUsed)
                            .fault());
            assertThrows(QueueBrokenException.class, () -> bench.queue.begin(1));
            assertEquals(1, bench.queue.outstanding(), "what was in flight stays the device's");
            assertNotNull(bench.queue.fault());
            assertTrue(bench.queue.toString().contains("broken"), bench.queue::toString);
        }
    }

    @Test
    void aRestartedQueueIsAsNew() throws Exception {
        for (QueueOptions.Chaining chains : QueueOptions.Chaining.values()) {
            try (QueueBench bench = new QueueBench(1, 8, 4, chains, QueueOptions.UsedSignals.SUPPRESSED)) {
                for (int i = 0; i < 5; i++) {
                    bench.device.complete(bench.post(1), 1);
                    bench.queue.pollUsed();
                }
                bench.post(2);
                bench.post(1);
                bench.device.usedFlags(1);
                bench.device.complete(99, 0);
                assertThrows(QueueBrokenException.class, bench.queue::pollUsed);

                bench.queue.restart();

                assertNull(bench.queue.fault());
                assertEquals(0, bench.queue.outstanding());
                assertEquals(Virtqueue.NONE, bench.queue.pollUsed(), "the old used index must not outlive the reset");
                assertEquals(0, bench.device.availableIndex());
                assertTrue(bench.queue.hasRoom(Math.min(8, bench.queue.longestChain())));
                ScriptedQueue again = new ScriptedQueue(bench.context.deviceView(), bench.queue.addresses());
                int head = bench.commit(4);
                assertTrue(bench.queue.publish(), "split-ring:515: flags start as 0");
                assertEquals(4, again.take().orElseThrow().buffers().size());
                again.complete(head, 512);
                assertEquals(head, bench.queue.pollUsed());
            }
        }
    }

    private static void assertBroken(QueueBench bench, String words) {
        int outstanding = bench.queue.outstanding();
        QueueBrokenException broken = assertThrows(QueueBrokenException.class, bench.queue::pollUsed);
        assertTrue(broken.getMessage().contains(words), broken.getMessage());
        assertTrue(broken.getMessage().startsWith("q queue 3"), broken.getMessage());
        assertFalse(broken.getMessage().contains("\n"), "one line");
        assertEquals(outstanding, bench.queue.outstanding(), "a refused answer releases nothing");
    }
}
