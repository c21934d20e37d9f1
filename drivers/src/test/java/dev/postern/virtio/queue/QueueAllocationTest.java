package dev.postern.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.postern.virtio.fake.ScriptedRing;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A queue at work allocates nothing on the Java heap, in either format, chain by chain and in bursts. */
class QueueAllocationTest extends OnBothCodes {

    private static final int BURST = 16;
    private static final int BURSTS = 100_000 / BURST;
    private static final int ROUNDS = 4;
    /** What the measuring itself may take. */
    private static final long BOUND_BYTES = 400;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final long[] dvas = new long[BURST];
    private final int[] lengths = new int[BURST];
    private final int[] ids = new int[BURST];
    private final long[] used = new long[BURST];
    private byte[] kept;

    /** A way of posting and polling. */
    private interface Work {
        void post(Virtqueue queue) throws QueueBrokenException;

        int poll(Virtqueue queue) throws QueueBrokenException;
    }

    @Test
    void theMeasureSeesWhatIsAllocated() {
        long before = threads.getCurrentThreadAllocatedBytes();
        kept = new byte[1 << 16];
        assertTrue(threads.getCurrentThreadAllocatedBytes() - before >= kept.length, "this JVM counts no allocation");
    }

    @ParameterizedTest
    @EnumSource(QueueOptions.Chaining.class)
    void aHundredThousandRequestsAllocateNothing(QueueOptions.Chaining chains) throws Exception {
        try (QueueBench bench = new QueueBench(1, 64, 3, chains, QueueOptions.UsedSignals.SUPPRESSED)) {
            assertAllocatesNothing(bench.queue, bench.device, new ChainByChain());
        }
        try (PackedBench bench =
                new PackedBench(PackedBench.options(64, chains, QueueOptions.UsedSignals.SUPPRESSED))) {
            assertAllocatesNothing(bench.queue, bench.device, new ChainByChain());
        }
    }

    @Test
    void aHundredThousandBuffersInBurstsAllocateNothing() throws Exception {
        Arrays.fill(lengths, 513);
        try (QueueBench bench = QueueBench.direct(64)) {
            assertAllocatesNothing(bench.queue, bench.device, new InBursts());
        }
        try (PackedBench bench = PackedBench.direct(64)) {
            assertAllocatesNothing(bench.queue, bench.device, new InBursts());
        }
    }

    private void assertAllocatesNothing(Virtqueue queue, ScriptedRing device, Work work) throws QueueBrokenException {
        long least = Long.MAX_VALUE;
        // The first rounds are interpreted and load classes.
        for (int round = 0; round < ROUNDS; round++) {
            least = Math.min(least, bytesOfOneRound(queue, device, work));
        }
        assertTrue(least <= BOUND_BYTES, "%d bytes for %d requests".formatted(least, BURST * BURSTS));
    }

    /** The device's part is left out: only the queue's calls are between two looks at the counter. */
    private long bytesOfOneRound(Virtqueue queue, ScriptedRing device, Work work) throws QueueBrokenException {
        long bytes = 0;
        for (int burst = 0; burst < BURSTS; burst++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            work.post(queue);
            bytes += threads.getCurrentThreadAllocatedBytes() - before;
            device.takeAll().forEach(chain -> device.use(List.of(chain), 513));
            before = threads.getCurrentThreadAllocatedBytes();
            int answered = work.poll(queue);
            bytes += threads.getCurrentThreadAllocatedBytes() - before;
            assertEquals(BURST, answered);
        }
        return bytes;
    }

    private static final class ChainByChain implements Work {

        @Override
        public void post(Virtqueue queue) throws QueueBrokenException {
            for (int i = 0; i < BURST; i++) {
                queue.begin(3);
                queue.readable(0x1000, 16);
                queue.writable(0x2000, 512);
                queue.writable(0x3000, 1);
                queue.commit();
            }
            queue.publish();
        }

        @Override
        public int poll(Virtqueue queue) throws QueueBrokenException {
            int answered = 0;
            while (queue.pollUsed() != Virtqueue.NONE) {
                answered += queue.usedLength() == 513 ? 1 : 0;
            }
            return answered;
        }
    }

    private final class InBursts implements Work {

        @Override
        public void post(Virtqueue queue) throws QueueBrokenException {
            queue.commitWritable(dvas, lengths, ids, BURST);
            queue.publish();
        }

        @Override
        public int poll(Virtqueue queue) throws QueueBrokenException {
            return queue.pollUsed(used, BURST);
        }
    }
}
