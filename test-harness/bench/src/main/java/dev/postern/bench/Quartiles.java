package dev.postern.bench;

import java.util.List;
import java.util.Locale;

/**
 * Where the middle half of some values lies.
 *
 * @param lower a quarter of them is below
 * @param median half of them are below
 * @param upper three quarters of them are below
 */
record Quartiles(double lower, double median, double upper) {

    /** Those of values, of which there is at least one. */
    static Quartiles of(List<Double> values) {
        return new Quartiles(Quantile.LOWER.of(values), Quantile.MEDIAN.of(values), Quantile.UPPER.of(values));
    }

    /** For a person, the median first, each in a format such as {@code %.2f}. */
    String words(String format) {
        return String.format(Locale.ROOT, format + " (" + format + ".." + format + ")", median, lower, upper);
    }

    /** As a JSON object. */
    String json() {
        return String.format(Locale.ROOT, "{\"lower\": %.3f, \"median\": %.3f, \"upper\": %.3f}", lower, median, upper);
    }
}
