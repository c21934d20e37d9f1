package dev.postern.bench;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Measures work and its bare part in turns, so that what else the machine does hits both.
 *
 * @param rounds how many turns, at least 1
 * @param forks JVMs a turn for each of the two: 1, or 0 to stay in this one, which only tells that it runs
 * @param iterations measurements in each JVM
 * @param warmups measurements before, which do not count
 * @param millis length of a measurement
 */
record Pairs(int rounds, int forks, int iterations, int warmups, int millis) {

    /** For figures. */
    static final Pairs THOROUGH = new Pairs(2, 1, 5, 3, 70);

    /** For decisions: long enough to pass through every classed input, and for compilers that other work slows down. */
    static final Pairs DECISIONS = new Pairs(2, 1, 5, 8, 300);

    /** For a first look. */
    static final Pairs QUICK = new Pairs(1, 1, 5, 3, 60);

    /**
     * Measures two methods of a benchmark.
     *
     * @param benchmark a class of JMH benchmarks in nanoseconds
     * @param method the work
     * @param bare the work beside which it is put
     * @param parameters of the benchmark's state
     * @param threads how many run it at the same time
     * @throws RunnerException when the benchmark fails
     */
    Paired measure(Class<?> benchmark, String method, String bare, Map<String, String> parameters, int threads)
            throws RunnerException {
        List<Double> works = new ArrayList<>();
        List<Double> bares = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            bares.addAll(run(benchmark, bare, parameters, threads));
            works.addAll(run(benchmark, method, parameters, threads));
        }
        return Paired.of(works, bares);
    }

    private List<Double> run(Class<?> benchmark, String method, Map<String, String> parameters, int threads)
            throws RunnerException {
        ChainedOptionsBuilder builder = new OptionsBuilder()
                .include("^%s\\.%s$".formatted(benchmark.getName().replace(".", "\\."), method))
                .threads(threads)
                .forks(forks)
                // JMH itself uses what the JDK warns of.
                .jvmArgsAppend("--sun-misc-unsafe-memory-access=allow")
                .warmupIterations(warmups)
                .warmupTime(TimeValue.milliseconds(millis))
                .measurementIterations(iterations)
                .measurementTime(TimeValue.milliseconds(millis))
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT);
        parameters.forEach(builder::param);
        Collection<RunResult> results = new Runner(builder.build()).run();
        List<Double> scores = new ArrayList<>();
        results.forEach(result -> result.getBenchmarkResults().forEach(fork -> {
            for (IterationResult iteration : fork.getIterationResults()) {
                scores.add(iteration.getPrimaryResult().getScore());
            }
        }));
        return scores;
    }
}
