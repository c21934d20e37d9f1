package dev.postern.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * Work and what it is put beside, measured in turns.
 *
 * @param value median of the work
 * @param bare median of the bare work
 * @param over median of the differences of neighbouring measurements
 * @param error half the range between the quartiles of those differences
 */
record Paired(double value, double bare, double over, double error) {

    /** From measurements in the order in which they were made, as many of the one as of the other. */
    static Paired of(List<Double> works, List<Double> bares) {
        List<Double> over = new ArrayList<>();
        for (int i = 0; i < works.size(); i++) {
            over.add(works.get(i) - bares.get(i));
        }
        return new Paired(
                Quantile.MEDIAN.of(works),
                Quantile.MEDIAN.of(bares),
                Quantile.MEDIAN.of(over),
                (Quantile.UPPER.of(over) - Quantile.LOWER.of(over)) / 2);
    }

    /** How many times the bare work it takes. */
    double ratio() {
        return value / bare;
    }
}
