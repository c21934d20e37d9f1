package dev.postern.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A queue at work allocates nothing on the Java heap. */
class SplitQueueAllocationTest {

    private static final int BURST = 16;
    private static final int BURSTS = 100_000 / BURST;
    private static final int ROUNDS = 4;
    /** What the measuring itself may take. */
    private static final long BOUND_BYTES = 400;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private byte[] kept;

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
            long least = Long.MAX_VALUE;
            // The first rounds are interpreted and load classes.
            for (int round = 0; round < ROUNDS; round++) {
                least = Math.min(least, bytesOfOneRound(bench));
            }
            assertTrue(least <= BOUND_BYTES, "%d bytes for %d requests".formatted(least, BURST * BURSTS));
        }
    }

    /** The device's part is left out: only the queue's calls are between two looks at the counter. */
    private long bytesOfOneRound(QueueBench bench) throws QueueBrokenException {
        int[] heads = new int[BURST];
        long bytes = 0;
        for (int burst = 0; burst < BURSTS; burst++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            post(bench.queue, heads);
            bytes += threads.getCurrentThreadAllocatedBytes() - before;
            for (int head : heads) {
                bench.device.stage(head, 513);
            }
            bench.device.announce();
            before = threads.getCurrentThreadAllocatedBytes();
            int answered = poll(bench.queue);
            bytes += threads.getCurrentThreadAllocatedBytes() - before;
            assertEquals(BURST, answered);
        }
        return bytes;
    }

    private static void post(Virtqueue queue, int[] heads) throws QueueBrokenException {
        for (int i = 0; i < heads.length; i++) {
            queue.begin(3);
            queue.readable(0x1000, 16);
            queue.writable(0x2000, 512);
            queue.writable(0x3000, 1);
            heads[i] = queue.commit();
        }
        queue.publish();
    }

    private static int poll(Virtqueue queue) throws QueueBrokenException {
        int answered = 0;
        while (queue.pollUsed() != Virtqueue.NONE) {
            answered += queue.usedLength() == 513 ? 1 : 0;
        }
        return answered;
    }
}
