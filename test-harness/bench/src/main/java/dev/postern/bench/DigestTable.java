package dev.postern.bench;

import java.util.List;
import java.util.Locale;

/** The results for a person. */
final class DigestTable {

    private DigestTable() {}

    static String of(List<DigestRow> rows, MachineLoad load) {
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT,
                "a %d MiB image in the page cache; guest = a process that boots the emulated machine and reads it"
                        + " through driver, ring and\n"
                        + "device; file = a process that reads it by a FileChannel; in turns; median (quartiles)\n",
                rows.getFirst().bytes() >> 20));
        text.append("%-7s %5s  %9s %9s  %-18s  %12s %12s  %-18s%n"
                .formatted(
                        "work", "pairs", "guest s", "file s", "ratio", "guest MiB/s", "file MiB/s", "without start"));
        for (DigestRow row : rows) {
            text.append(String.format(
                    Locale.ROOT,
                    "%-7s %5d  %9.2f %9.2f  %-18s  %12.0f %12.0f  %-18s%n",
                    row.work().word(),
                    row.guests().size(),
                    row.guestNanos() / 1e9,
                    row.fileNanos() / 1e9,
                    "%.2f (%.2f..%.2f)"
                            .formatted(
                                    row.ratio(Quantile.MEDIAN), row.ratio(Quantile.LOWER), row.ratio(Quantile.UPPER)),
                    row.guestRate(),
                    row.fileRate(),
                    "%.2f (%.2f..%.2f)"
                            .formatted(
                                    row.streamRatio(Quantile.MEDIAN),
                                    row.streamRatio(Quantile.LOWER),
                                    row.streamRatio(Quantile.UPPER))));
        }
        return text.append(load.words()).append('\n').toString();
    }
}
