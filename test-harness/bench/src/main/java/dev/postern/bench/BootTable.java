package dev.postern.bench;

import java.util.List;
import java.util.Locale;

/** The results for a person. */
final class BootTable {

    private BootTable() {}

    static String of(List<BootRow> rows, MachineLoad load) {
        StringBuilder text = new StringBuilder();
        text.append("from exec to the end of the process, ms; boot = an emulated machine booted, sector 0 read and"
                + " compared; parse = the same words\n"
                + "read by the same commands, and no more; in turns; median (quartiles)\n");
        text.append("%-6s %5s  %-22s %-8s  %-22s %-18s %9s %9s %6s%n"
                .formatted("cache", "pairs", "boot", "sector", "parse", "ratio", "boot CPU", "parse CPU", "ratio"));
        for (BootRow row : rows) {
            text.append(String.format(
                    Locale.ROOT,
                    "%-6s %5d  %-22s %-8s  %-22s %-18s %9s %9s %6.2f%n",
                    row.cache().name().toLowerCase(Locale.ROOT),
                    row.boots().size(),
                    "%s (%s..%s)"
                            .formatted(
                                    millis(row.boot(Quantile.MEDIAN)),
                                    millis(row.boot(Quantile.LOWER)),
                                    millis(row.boot(Quantile.UPPER))),
                    millis(row.sector(Quantile.MEDIAN)),
                    "%s (%s..%s)"
                            .formatted(
                                    millis(row.parse(Quantile.MEDIAN)),
                                    millis(row.parse(Quantile.LOWER)),
                                    millis(row.parse(Quantile.UPPER))),
                    String.format(
                            Locale.ROOT,
                            "%.2f (%.2f..%.2f)",
                            row.ratio(Quantile.MEDIAN),
                            row.ratio(Quantile.LOWER),
                            row.ratio(Quantile.UPPER)),
                    millis(row.bootCpu()),
                    millis(row.parseCpu()),
                    row.cpuRatio()));
        }
        text.append(load.words()).append("; left out: the launcher's script\n");
        return text.toString();
    }

    private static String millis(double nanos) {
        return Double.isNaN(nanos) ? "-" : String.format(Locale.ROOT, "%.0f", nanos / 1e6);
    }
}
