package dev.postern.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.dma.DmaConstraints;
import dev.postern.dma.DmaContexts;
import dev.postern.dma.DmaMappingException;
import dev.postern.dma.HostileContext;
import dev.postern.virtio.fake.TestRam;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Drivers that use a queue wrongly are told so, and the device sees nothing of it. */
class SplitQueueCallOrderTest extends OnBothCodes {

    @Test
    void aReadableBufferAfterAWritableOneIsRefused() throws Exception {
        try (QueueBench bench = QueueBench.direct(8)) {
            bench.queue.begin(2);
            bench.queue.writable(QueueBench.BUFFER, 1);
            String message = assertThrows(IllegalStateException.class, () -> bench.queue.readable(QueueBench.BUFFER, 1))
                    .getMessage();
            assertTrue(message.contains("split-ring:151"), message);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
    void aLengthBelowOneIsRefusedAndLeavesTheChainAsItWas(int length) throws Exception {
        try (QueueBench bench = QueueBench.direct(8)) {
            bench.queue.begin(2);
            assertThrows(IllegalArgumentException.class, () -> bench.queue.writable(QueueBench.BUFFER, length));
            // The refused buffer neither counts as writable nor changes how many bytes are.
            bench.queue.readable(QueueBench.BUFFER, 1);
            assertThrows(IllegalArgumentException.class, () -> bench.queue.readable(QueueBench.BUFFER, length));
            bench.queue.writable(QueueBench.BUFFER, 4);
            int head = bench.queue.commit();
            bench.queue.publish();
            bench.device.complete(head, 4);
            assertEquals(head, bench.queue.pollUsed());
        }
    }

    @Test
    void aChainIsNeverLongerThanAUsedLengthCanCount() throws Exception {
        try (QueueBench bench = QueueBench.direct(8)) {
            bench.queue.begin(4);
            bench.queue.readable(QueueBench.BUFFER, Integer.MAX_VALUE);
            bench.queue.writable(QueueBench.BUFFER, Integer.MAX_VALUE);
            String message = assertThrows(
                            IllegalArgumentException.class, () -> bench.queue.writable(QueueBench.BUFFER, 2))
                    .getMessage();
            assertTrue(message.contains("split-ring:223"), message);
            bench.queue.writable(QueueBench.BUFFER, 1);
            assertThrows(IllegalArgumentException.class, () -> bench.queue.writable(QueueBench.BUFFER, 1));
            bench.queue.abandon();
            bench.post(1);
        }
    }

    @Test
    void tooFewOrTooManyBuffersAreRefused() throws Exception {
        try (QueueBench bench = QueueBench.direct(8)) {
            assertThrows(IllegalStateException.class, bench.queue::commit);
            assertThrows(IllegalStateException.class, () -> bench.queue.readable(QueueBench.BUFFER, 1));
            bench.queue.begin(2);
            assertThrows(IllegalStateException.class, bench.queue::commit);
            bench.queue.readable(QueueBench.BUFFER, 1);
            String message = assertThrows(IllegalStateException.class, bench.queue::commit)
                    .getMessage();
            assertTrue(message.contains("1 of 2"), message);
            assertThrows(IllegalStateException.class, () -> bench.queue.begin(1));
            bench.queue.writable(QueueBench.BUFFER, 1);
            assertThrows(IllegalStateException.class, () -> bench.queue.writable(QueueBench.BUFFER, 1));
            bench.queue.commit();
            assertThrows(IllegalStateException.class, bench.queue::commit);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 9, Integer.MAX_VALUE})
    void aChainOfAnImpossibleLengthIsRefused(int buffers) {
        try (QueueBench bench = QueueBench.direct(8)) {
            String message = assertThrows(IllegalArgumentException.class, () -> bench.queue.begin(buffers))
                    .getMessage();
            assertTrue(message.contains("1 to 8"), message);
        }
    }

    @Test
    void anAbandonedChainLeavesNoTrace() throws Exception {
        for (QueueOptions.Chaining chains : QueueOptions.Chaining.values()) {
            try (QueueBench bench = new QueueBench(1, 8, 4, chains, QueueOptions.UsedSignals.SUPPRESSED)) {
                int kept = bench.post(2);
                for (int i = 0; i < 20; i++) {
                    assertTrue(bench.queue.begin(4));
                    bench.queue.readable(QueueBench.BUFFER, 1);
                    if (i % 2 == 0) {
                        bench.queue.writable(QueueBench.BUFFER, 1);
                    }
                    bench.queue.abandon();
                }
                assertFalse(bench.queue.publish());
                assertEquals(1, bench.device.availableIndex());
                assertEquals(1, bench.queue.outstanding());
                bench.device.complete(kept, 0);
                assertEquals(kept, bench.queue.pollUsed());
                bench.post(4);
                assertEquals(4, bench.device.takeAll().getLast().buffers().size());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 65536, -8})
    void aSizeThatIsNoPowerOfTwoOrTooLargeIsRefused(int size) {
        assertThrows(
                IllegalArgumentException.class,
                () -> new QueueOptions("q", 0, size, 1, QueueOptions.Chaining.DIRECT, QueueOptions.UsedSignals.WANTED));
    }

    @Test
    void aQueueForWhichThereIsNoMemoryKeepsNone() {
        // Room for the first areas of a large queue, never for all of them.
        HostileContext context = DmaContexts.hostile(1, new TestRam(2 << 20).frames(), DmaConstraints.NONE, "q");
        QueueOptions options =
                new QueueOptions("q", 0, 32768, 64, QueueOptions.Chaining.INDIRECT, QueueOptions.UsedSignals.WANTED);
        assertThrows(DmaMappingException.class, () -> Virtqueue.open(chosen(options), context));
        context.close();
    }
}
