package dev.postern.bench;

import java.util.List;
import java.util.Locale;

/** The results for a person. */
final class RingTable {

    private RingTable() {}

    static String of(List<RingRow> rows, MachineLoad load, PinnedCore core) {
        StringBuilder text = new StringBuilder();
        text.append(
                "one buffer added, used by the device side and taken back, ns of processor time; driver and device in"
                    + " one thread, no payload;\n"
                    + "C = the same in C, which checks nothing, in turns; median (quartiles). With backends, map and"
                    + " unmap of 64 bytes on the\n"
                    + "direct one are in it, which the C side has no part of; queues on the other backends run in"
                    + " turns, untimed\n");
        text.append("%-16s %-12s %8s %5s  %-22s %-22s %-20s %6s%n"
                .formatted("ring", "code", "backends", "batch", "ns", "C", "ratio", "bytes"));
        for (RingRow row : rows) {
            text.append(String.format(
                    Locale.ROOT,
                    "%-16s %-12s %8d %5d  %-22s %-22s %-20s %6.2f%n",
                    row.setting().ring().words(),
                    row.setting().code().name().toLowerCase(Locale.ROOT),
                    row.setting().backends(),
                    row.batch(),
                    Quartiles.of(row.java()).words("%.2f"),
                    Quartiles.of(row.peer()).words("%.2f"),
                    new Quartiles(row.ratio(Quantile.LOWER), row.ratio(Quantile.MEDIAN), row.ratio(Quantile.UPPER))
                            .words("%.2f"),
                    row.bytes()));
        }
        text.append(load.words()).append(", ").append(core.words()).append('\n');
        return text.toString();
    }
}
