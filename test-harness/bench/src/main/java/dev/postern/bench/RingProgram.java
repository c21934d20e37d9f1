package dev.postern.bench;

import com.sun.management.ThreadMXBean;
import dev.postern.virtio.queue.QueueBrokenException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;

/**
 * The Java side of {@code bench ring}: a JVM of its own for each {@link RingSetting}, so that no ring's profile is in another's code. It
 * reads {@code <ring> <batch> <buffers>} and answers with the nanoseconds of processor time and the bytes of Java heap that so many
 * buffers took, as the C peer does, until its input ends.
 */
public final class RingProgram {

    private RingProgram() {}

    /** Runs it with the words of a {@link RingSetting}. */
    public static void main(String[] args) throws Exception {
        RingSetting setting = RingSetting.of(args);
        try (RingLoops loops = new RingLoops(setting)) {
            serve(loops);
        }
    }

    private static void serve(RingLoops loops) throws IOException, QueueBrokenException {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String line;
        while ((line = in.readLine()) != null) {
            String[] words = line.split(" ");
            int batch = Integer.parseInt(words[1]);
            long rounds = Long.parseLong(words[2]) / batch;
            loops.runUntimed(batch, rounds);
            long bytes = threads.getCurrentThreadAllocatedBytes();
            long nanos = threads.getCurrentThreadCpuTime();
            loops.runTimed(batch, rounds);
            nanos = threads.getCurrentThreadCpuTime() - nanos;
            bytes = threads.getCurrentThreadAllocatedBytes() - bytes;
            System.out.println(nanos + " " + bytes);
        }
    }
}
