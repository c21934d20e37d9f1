package dev.postern.bench;

import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.runner.RunnerException;

/** {@code bench dma}: what a mapping costs over the bare copy. */
final class DmaBenchmark implements Benchmark {

    @Override
    public Report run(Effort effort, Steps steps) throws RunnerException {
        boolean quick = effort == Effort.QUICK;
        List<DmaCase> cases = quick ? DmaCase.quick() : DmaCase.all();
        Pairs pairs = quick ? Pairs.QUICK : Pairs.THOROUGH;
        List<DmaRow> rows = new ArrayList<>();
        for (DmaCase each : cases) {
            steps.done(rows.size(), cases.size());
            rows.add(DmaRow.of(
                    each, pairs.measure(DmaBench.class, "mapped", "bare", each.parameters(), each.threads())));
        }
        steps.done(rows.size(), cases.size());
        return new Report(DmaTable.of(rows), DmaDocument.of(rows));
    }
}
