package dev.postern.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.runner.RunnerException;

/** {@code bench decide}: what a decision with its explanation costs over a bare chain of conditions. */
final class DecideBenchmark implements Benchmark {

    private static final int FRESH_JVMS = 10;
    private static final int FRESH_JVMS_QUICKLY = 3;

    @Override
    public Report run(Effort effort, Steps steps) throws RunnerException, IOException, InterruptedException {
        boolean quick = effort == Effort.QUICK;
        Pairs pairs = quick ? Pairs.QUICK : Pairs.DECISIONS;
        FirstDecisions first = new FirstDecisions(quick ? FRESH_JVMS_QUICKLY : FRESH_JVMS);
        int all = (DecideInput.values().length + 1) * DecideWork.values().length;
        List<DecideRow> rows = new ArrayList<>();
        for (DecideInput input : DecideInput.values()) {
            for (DecideWork work : DecideWork.values()) {
                steps.done(rows.size(), all);
                rows.add(new DecideRow(
                        input.words(),
                        work.words(),
                        DecideRow.JvmState.WARM,
                        pairs.measure(DecideBench.class, work.method(), "bare", Map.of("input", input.name()), 1)));
            }
        }
        for (DecideWork work : DecideWork.values()) {
            steps.done(rows.size(), all);
            rows.add(new DecideRow(
                    DecideInput.PLAIN.words(), work.words(), DecideRow.JvmState.COLD, first.measure(work)));
        }
        steps.done(rows.size(), all);
        return new Report(DecideTable.of(rows), DecideDocument.of(rows));
    }
}
