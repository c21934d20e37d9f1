package dev.postern.bench;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The results as one JSON document, schema {@code postern.bench.boot/1}; times are in milliseconds. */
final class BootDocument {

    private BootDocument() {}

    static String of(List<BootRow> rows, MachineLoad load) {
        return rows.stream()
                .map(BootDocument::row)
                .collect(Collectors.joining(
                        ",\n    ",
                        String.format(
                                Locale.ROOT,
                                "{\n"
                                        + "  \"schema\": \"postern.bench.boot/1\",\n"
                                        + "  \"processors\": %d,\n"
                                        + "  \"loadBefore\": %.2f,\n"
                                        + "  \"loadAfter\": %.2f,\n"
                                        + "  \"rows\": [\n"
                                        + "    ",
                                load.processors(),
                                load.before(),
                                load.after()),
                        "\n  ]\n}\n"));
    }

    private static String row(BootRow row) {
        return String.format(
                Locale.ROOT,
                "{\"cache\": \"%s\", \"pairs\": %d, \"bootMs\": %s, \"sectorMs\": %s, \"parseMs\": %s, \"ratio\": %s,"
                        + " \"bootCpuMs\": %s, \"parseCpuMs\": %s, \"cpuRatio\": %s}",
                row.cache(),
                row.boots().size(),
                quartiles(row.boot(Quantile.LOWER), row.boot(Quantile.MEDIAN), row.boot(Quantile.UPPER), 1e6),
                quartiles(row.sector(Quantile.LOWER), row.sector(Quantile.MEDIAN), row.sector(Quantile.UPPER), 1e6),
                quartiles(row.parse(Quantile.LOWER), row.parse(Quantile.MEDIAN), row.parse(Quantile.UPPER), 1e6),
                quartiles(row.ratio(Quantile.LOWER), row.ratio(Quantile.MEDIAN), row.ratio(Quantile.UPPER), 1),
                number(row.bootCpu() / 1e6),
                number(row.parseCpu() / 1e6),
                number(row.cpuRatio()));
    }

    private static String quartiles(double lower, double median, double upper, double unit) {
        return "{\"lower\": %s, \"median\": %s, \"upper\": %s}"
                .formatted(number(lower / unit), number(median / unit), number(upper / unit));
    }

    /** JSON has no word for what is not a number. */
    private static String number(double value) {
        return Double.isNaN(value) ? "null" : String.format(Locale.ROOT, "%.3f", value);
    }
}
