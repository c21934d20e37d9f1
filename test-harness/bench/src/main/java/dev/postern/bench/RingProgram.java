package dev.postern.bench;

import com.sun.management.ThreadMXBean;
import dev.postern.virtio.queue.QueueBrokenException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import org.HdrHistogram.Histogram;

/**
 * The Java side of {@code bench ring} and {@code bench latency}: a JVM of its own for each {@link RingSetting}, so that no ring's profile is
 * in another's code. It is asked as the C peer is, until its input ends:
 *
 * <pre>
 * bursts RING BATCH BUFFERS      nanoseconds of processor time, and bytes of Java heap, that so many buffers took
 * latency RING RATE SAMPLES      percentiles of the nanoseconds from when a buffer was due until it had come back
 * </pre>
 */
public final class RingProgram {

    /** The C peer's name. */
    static final String PEER = "ring-peer";

    private final RingLoops loops;
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private RingProgram(RingLoops loops) {
        this.loops = loops;
    }

    /** Runs it with the words of a {@link RingSetting}. */
    public static void main(String[] args) throws Exception {
        try (RingLoops loops = new RingLoops(RingSetting.of(args))) {
            new RingProgram(loops).serve();
        }
    }

    private void serve() throws IOException, QueueBrokenException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String line;
        while ((line = in.readLine()) != null) {
            String[] words = line.split(" ");
            int first = Integer.parseInt(words[2]);
            long second = Long.parseLong(words[3]);
            System.out.println(words[0].equals("latency") ? latency(first, second) : bursts(first, second));
        }
    }

    private String bursts(int batch, long buffers) throws QueueBrokenException {
        long rounds = buffers / batch;
        loops.runUntimed(batch, rounds);
        long bytes = threads.getCurrentThreadAllocatedBytes();
        long nanos = threads.getCurrentThreadCpuTime();
        loops.runTimed(batch, rounds);
        nanos = threads.getCurrentThreadCpuTime() - nanos;
        bytes = threads.getCurrentThreadAllocatedBytes() - bytes;
        return nanos + " " + bytes;
    }

    /** From when it was due, so that a stall counts for every buffer that it held up. */
    private String latency(int rate, long samples) throws QueueBrokenException {
        Histogram histogram = new Histogram(LatencyRow.LARGEST_NANOS, 3);
        double period = 1e9 / rate;
        loops.runUntimed(1, 1);
        long start = System.nanoTime();
        for (long i = 0; i < samples; i++) {
            long due = (long) (i * period);
            while (System.nanoTime() - start < due) {
                // Nothing else may run here: a pause would be part of what is measured.
            }
            loops.runTimed(1, 1);
            histogram.recordValue(Math.min(System.nanoTime() - start - due, LatencyRow.LARGEST_NANOS));
        }
        StringBuilder said = new StringBuilder();
        for (double percent : LatencyRow.PERCENTS) {
            said.append(histogram.getValueAtPercentile(percent)).append(' ');
        }
        return said.append(histogram.getMaxValue()).toString();
    }
}
