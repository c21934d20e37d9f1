package dev.postern.bench;

import java.util.List;
import java.util.Locale;

/** The results for a person. */
final class DmaTable {

    private DmaTable() {}

    static String of(List<DmaRow> rows) {
        StringBuilder text = new StringBuilder();
        text.append("map + unmap, ns; bare = the same copy and zeroing without book-keeping, measured in turns\n");
        text.append("%-8s %8s %-12s %7s %-12s %10s %10s %9s %7s %6s%n"
                .formatted("plan", "bytes", "direction", "threads", "pool", "ns", "bare", "over", "+-", "ratio"));
        for (DmaRow row : rows) {
            DmaCase each = row.measured();
            text.append(String.format(
                    Locale.ROOT,
                    "%-8s %8d %-12s %7d %-12s %10.1f %10.1f %9.1f %7.1f %6.2f%n",
                    each.plan().name().toLowerCase(Locale.ROOT),
                    each.bytes(),
                    each.direction(),
                    each.threads(),
                    each.fill().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                    row.ns(),
                    row.bareNs(),
                    row.overNs(),
                    row.error(),
                    row.ratio()));
        }
        text.append("left out: the device's accesses, syncs, sharing of pages\n");
        return text.toString();
    }
}
