package dev.postern.bench;

import java.util.List;

/** A place in sorted values. */
enum Quantile {
    /** A quarter of the values is below it. */
    LOWER(0.25),
    /** Half of the values are below it. */
    MEDIAN(0.5),
    /** Three quarters of the values are below it. */
    UPPER(0.75);

    private final double part;

    Quantile(double part) {
        this.part = part;
    }

    /** Its value, between two neighbours where it falls there; at least one value is needed. */
    double of(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        double at = part * (sorted.size() - 1);
        int below = (int) at;
        int above = Math.min(below + 1, sorted.size() - 1);
        return sorted.get(below) + (at - below) * (sorted.get(above) - sorted.get(below));
    }
}
