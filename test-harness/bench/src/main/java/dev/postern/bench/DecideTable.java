package dev.postern.bench;

import java.util.List;
import java.util.Locale;

/** The results for a person. */
final class DecideTable {

    private DecideTable() {}

    static String of(List<DecideRow> rows) {
        StringBuilder text = new StringBuilder();
        text.append("decisions on shipped rows; bare = the same answer by hand-written conditions that explain nothing,"
                + " measured in turns\n");
        text.append("%-49s %-26s %-4s %12s %12s %10s %10s %8s%n"
                .formatted("input", "work", "JVM", "per second", "ns", "+-", "bare ns", "ratio"));
        for (DecideRow row : rows) {
            Paired paired = row.paired();
            text.append(String.format(
                    Locale.ROOT,
                    "%-49s %-26s %-4s %12.0f %12.0f %10.0f %10.0f %8.1f%n",
                    row.input(),
                    row.work(),
                    row.state().name().toLowerCase(Locale.ROOT),
                    row.perSecond(),
                    paired.value(),
                    paired.error(),
                    paired.bare(),
                    paired.ratio()));
        }
        text.append("left out: finding the facts; cold: the start of the JVM before its first line\n");
        return text.toString();
    }
}
