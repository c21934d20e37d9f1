package dev.postern.bench;

import java.util.List;
import java.util.Locale;

/** The results for a person. */
final class LatencyTable {

    private LatencyTable() {}

    static String of(List<LatencyRow> rows, MachineLoad load, PinnedCore core) {
        StringBuilder text = new StringBuilder();
        text.append(
                "from when a buffer was due until it had come back, ns of real time; driver and device in one thread,"
                        + " a buffer at a time;\n"
                        + "C = the same in C, which checks nothing, in turns; medians over the pairs\n");
        for (LatencyRow row : rows) {
            text.append(String.format(
                    Locale.ROOT,
                    "%s, %s, %d a second, %d x %d samples of each%n%-10s %12s %12s %8s%n",
                    row.setting().ring().words(),
                    row.setting().code().name().toLowerCase(Locale.ROOT),
                    row.rate(),
                    row.java().size(),
                    row.samples(),
                    "",
                    "Java",
                    "C",
                    "ratio"));
            for (int place = 0; place <= LatencyRow.PERCENTS.size(); place++) {
                text.append(String.format(
                        Locale.ROOT,
                        "%-10s %12.0f %12.0f %8.2f%n",
                        name(place),
                        row.java(place),
                        row.peer(place),
                        row.ratio(place)));
            }
        }
        text.append(load.words()).append(", ").append(core.words()).append('\n');
        return text.toString();
    }

    private static String name(int place) {
        return place < LatencyRow.PERCENTS.size()
                ? "p"
                        + (LatencyRow.PERCENTS.get(place) + "%")
                                .replace(".0%", "")
                                .replace("%", "")
                : "largest";
    }
}
