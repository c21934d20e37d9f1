package dev.postern.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * How long one buffer takes from when it was due until it came back, in nanoseconds; each list in the order in which it was measured, and
 * as long as the other. An answer has a value for each of {@link #PERCENTS}, and the largest.
 *
 * @param setting what ran
 * @param rate buffers a second
 * @param samples of each answer
 * @param java of the Java side
 * @param peer of the C peer
 */
record LatencyRow(RingSetting setting, int rate, long samples, List<long[]> java, List<long[]> peer) {

    /** Which percentiles are looked at. */
    static final List<Double> PERCENTS = List.of(50.0, 99.0, 99.9, 99.99, 99.9999);

    /** No time counts as longer. */
    static final long LARGEST_NANOS = 1L << 40;

    /** Copies the lists. */
    LatencyRow {
        java = List.copyOf(java);
        peer = List.copyOf(peer);
    }

    /** Of Java's answers; the place behind the last percentile is the largest. */
    double java(int place) {
        return median(java, place);
    }

    /** Of C's answers. */
    double peer(int place) {
        return median(peer, place);
    }

    /** Of the ratios of neighbours. */
    double ratio(int place) {
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < java.size(); i++) {
            ratios.add((double) java.get(i)[place] / peer.get(i)[place]);
        }
        return Quantile.MEDIAN.of(ratios);
    }

    private static double median(List<long[]> answers, int place) {
        return Quantile.MEDIAN.of(
                answers.stream().map(answer -> (double) answer[place]).toList());
    }
}
