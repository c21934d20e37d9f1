package dev.postern.bench;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Measures a case and its bare work in turns, so that what else the machine does hits both.
 *
 * @param rounds how many turns, at least 1
 * @param forks JVMs a turn for each of the two: 1, or 0 to stay in this one, which only tells that it runs
 * @param iterations measurements in each JVM
 * @param warmups measurements before, which do not count
 * @param millis length of a measurement
 */
record DmaPairs(int rounds, int forks, int iterations, int warmups, int millis) {

    /** For figures. */
    static final DmaPairs THOROUGH = new DmaPairs(2, 1, 5, 3, 70);

    /** For a first look. */
    static final DmaPairs QUICK = new DmaPairs(1, 1, 5, 3, 60);

    DmaRow measure(DmaCase each) throws RunnerException {
        List<Double> mapped = new ArrayList<>();
        List<Double> bare = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            bare.addAll(run("bare", each));
            mapped.addAll(run("mapped", each));
        }
        List<Double> over = new ArrayList<>();
        for (int i = 0; i < mapped.size(); i++) {
            over.add(mapped.get(i) - bare.get(i));
        }
        return new DmaRow(
                each,
                quantile(mapped, 0.5),
                quantile(bare, 0.5),
                quantile(over, 0.5),
                (quantile(over, 0.75) - quantile(over, 0.25)) / 2);
    }

    private List<Double> run(String method, DmaCase each) throws RunnerException {
        Options options = new OptionsBuilder()
                .include("^%s\\.%s$".formatted(DmaBench.class.getName().replace(".", "\\."), method))
                .param("plan", each.plan().name())
                .param("bytes", Integer.toString(each.bytes()))
                .param("direction", each.direction().name())
                .param("fill", each.fill().name())
                .param("threads", Integer.toString(each.threads()))
                .threads(each.threads())
                .forks(forks)
                // JMH itself uses what the JDK warns of.
                .jvmArgsAppend("--sun-misc-unsafe-memory-access=allow")
                .warmupIterations(warmups)
                .warmupTime(TimeValue.milliseconds(millis))
                .measurementIterations(iterations)
                .measurementTime(TimeValue.milliseconds(millis))
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT)
                .build();
        Collection<RunResult> results = new Runner(options).run();
        List<Double> scores = new ArrayList<>();
        results.forEach(result -> result.getBenchmarkResults().forEach(fork -> {
            for (IterationResult iteration : fork.getIterationResults()) {
                scores.add(iteration.getPrimaryResult().getScore());
            }
        }));
        return scores;
    }

    private static double quantile(List<Double> values, double part) {
        List<Double> sorted = values.stream().sorted().toList();
        double at = part * (sorted.size() - 1);
        int below = (int) at;
        int above = Math.min(below + 1, sorted.size() - 1);
        return sorted.get(below) + (at - below) * (sorted.get(above) - sorted.get(below));
    }
}
