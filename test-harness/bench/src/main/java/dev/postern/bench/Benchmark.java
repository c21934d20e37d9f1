package dev.postern.bench;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.openjdk.jmh.runner.RunnerException;

/** One benchmark of the command. */
@FunctionalInterface
interface Benchmark {

    /** All of them by name, in the order in which they are shown. */
    static Map<String, Benchmark> all() {
        Map<String, Benchmark> all = new LinkedHashMap<>();
        all.put("dma", new DmaBenchmark());
        all.put("decide", new DecideBenchmark());
        all.put("boot", new BootBenchmark());
        all.put("digest", new DigestBenchmark());
        all.put("ring", new RingBenchmark());
        all.put("latency", new LatencyBenchmark());
        all.put("vhost-blk", new VhostBlkBenchmark());
        return all;
    }

    /**
     * Measures.
     *
     * @param effort how much
     * @param steps told of each step
     * @throws RunnerException when a measured method fails
     * @throws IOException when a measured process fails
     * @throws InterruptedException when the thread is interrupted meanwhile
     */
    Report run(Effort effort, Steps steps) throws RunnerException, IOException, InterruptedException;
}
