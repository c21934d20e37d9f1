package dev.postern.bench;

import dev.postern.virtio.queue.QueueOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code bench ring}: what a buffer costs in each kind of queue, with all checks, beside a C peer that checks nothing. Both run in turns
 * on one core.
 */
final class RingBenchmark implements Benchmark {

    private static final List<Integer> BATCHES = List.of(1, 8, 32, 256);
    private static final List<Integer> BATCHES_WITH_MAPPING = List.of(1, 32);
    private static final int MOST_BACKENDS = 3;

    private final List<RingSetting> settings;

    RingBenchmark() {
        settings = settings();
    }

    private static List<RingSetting> settings() {
        List<RingSetting> all = new ArrayList<>();
        for (RingKind ring : RingKind.values()) {
            for (QueueOptions.Code code : QueueOptions.Code.values()) {
                all.add(new RingSetting(ring, code, 0));
            }
        }
        for (RingKind ring : List.of(RingKind.SPLIT, RingKind.PACKED)) {
            for (int backends = 1; backends <= MOST_BACKENDS; backends++) {
                for (QueueOptions.Code code : QueueOptions.Code.values()) {
                    all.add(new RingSetting(ring, code, backends));
                }
            }
        }
        return all;
    }

    @Override
    public Report run(Effort effort, Steps steps) throws IOException, InterruptedException {
        double before = MachineLoad.now();
        RingPairs pairs = effort == Effort.QUICK ? RingPairs.QUICK : RingPairs.THOROUGH;
        PinnedCore core = PinnedCore.last();
        List<RingRow> rows = new ArrayList<>();
        try (CompiledPeer peer = CompiledPeer.build(RingProgram.PEER);
                AskedProgram c = AskedProgram.start(core.with(peer.words()))) {
            for (int i = 0; i < settings.size(); i++) {
                steps.done(i, settings.size());
                RingSetting setting = settings.get(i);
                try (AskedProgram java = AskedProgram.start(core.with(setting.program()))) {
                    rows.addAll(
                            pairs.measure(setting, setting.backends() == 0 ? BATCHES : BATCHES_WITH_MAPPING, java, c));
                }
            }
        }
        steps.done(settings.size(), settings.size());
        MachineLoad load = MachineLoad.since(before);
        return new Report(RingTable.of(rows, load, core), RingDocument.of(rows, load, core));
    }
}
