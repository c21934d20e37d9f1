package dev.postern.bench;

import dev.postern.virtio.queue.QueueOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code bench latency}: the time from when a buffer was due, at a fixed rate, until it had come back, beside a C peer that does the same.
 * Both run in turns on one core, Java with the collector that it chooses by itself.
 */
final class LatencyBenchmark implements Benchmark {

    private static final int RATE = 500_000;
    /** Ten million in all, of each side. */
    private static final long SAMPLES = 2_500_000;

    private static final int PAIRS = 4;
    private static final long SAMPLES_QUICKLY = 250_000;
    private static final int PAIRS_QUICKLY = 2;
    private static final int WARMUPS = 4;
    private static final long WARMUP_SAMPLES = 250_000;

    private static final List<RingKind> RINGS = List.of(RingKind.SPLIT, RingKind.PACKED);

    @Override
    public Report run(Effort effort, Steps steps) throws IOException, InterruptedException {
        double before = MachineLoad.now();
        boolean quick = effort == Effort.QUICK;
        int pairs = quick ? PAIRS_QUICKLY : PAIRS;
        long samples = quick ? SAMPLES_QUICKLY : SAMPLES;
        PinnedCore core = PinnedCore.last();
        List<LatencyRow> rows = new ArrayList<>();
        int all = RINGS.size() * QueueOptions.Code.values().length;
        try (CompiledPeer peer = CompiledPeer.build(RingProgram.PEER);
                AskedProgram c = AskedProgram.start(core.with(peer.words()))) {
            for (RingKind ring : RINGS) {
                for (QueueOptions.Code code : QueueOptions.Code.values()) {
                    steps.done(rows.size(), all);
                    RingSetting setting = new RingSetting(ring, code, 0);
                    try (AskedProgram java = AskedProgram.start(core.with(setting.program()))) {
                        rows.add(measure(setting, pairs, samples, java, c));
                    }
                }
            }
        }
        steps.done(all, all);
        MachineLoad load = MachineLoad.since(before);
        return new Report(LatencyTable.of(rows, load, core), LatencyDocument.of(rows, load, core));
    }

    private static LatencyRow measure(RingSetting setting, int pairs, long samples, AskedProgram java, AskedProgram c)
            throws IOException {
        for (int i = 0; i < WARMUPS; i++) {
            java.ask("latency %s %d %d".formatted(setting.ring(), RATE, WARMUP_SAMPLES));
        }
        String question = "latency %s %d %d".formatted(setting.ring(), RATE, samples);
        List<long[]> ofJava = new ArrayList<>();
        List<long[]> ofC = new ArrayList<>();
        for (int i = 0; i < pairs; i++) {
            ofJava.add(java.ask(question));
            ofC.add(c.ask(question));
        }
        return new LatencyRow(setting, RATE, samples, ofJava, ofC);
    }
}
