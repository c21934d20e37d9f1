package dev.postern.bench;

import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** The results for a person. */
final class VhostBlkTable {

    private static final double THOUSAND = 1e3;

    private VhostBlkTable() {}

    static String of(VhostBlkReport report) {
        StringBuilder text = new StringBuilder(
                "requests of 4 KiB at random sectors, closed loop, one queue with EVENT_IDX and INDIRECT_DESC, at a"
                        + " storage daemon over vhost-user;\n"
                        + "whole programs in turns, median (quartiles) of windows; CPU = time of the front-end's thread"
                        + " for a request; bytes of heap for a request;\n"
                        + "Java with -XX:+UseSerialGC and specialised queues; C built with gcc -O3 -march=native, and"
                        + " checks nothing;\n"
                        + "the ratio of requests a second should be 1 or more, the others 1 or less\n");
        for (VhostBlkResult result : report.results()) {
            VhostBlkContest contest = result.rows().getFirst().contest();
            text.append("%s beside %s, %s, %s%n"
                    .formatted(
                            contest.measured(),
                            contest.peer(),
                            contest.medium().words(),
                            result.pages().words()));
            text.append("%-9s %-5s %5s %6s  %-10s %-26s %-26s %-18s%n"
                    .formatted("waiting", "work", "depth", "clean", "", contest.measured(), contest.peer(), "ratio"));
            result.rows().forEach(row -> append(text, row));
        }
        return text.append(report.load().words())
                .append(", ")
                .append(report.cores().words())
                .append('\n')
                .append(report.others().words())
                .append('\n')
                .toString();
    }

    private static void append(StringBuilder text, VhostBlkRow row) {
        line(text, lead(row), "k/s", row, run -> run.iops() / THOUSAND, "%.1f");
        line(text, "", "CPU ns", row, VhostBlkRun::cpuOfRequest, "%.0f");
        line(text, "", "p50 us", row, run -> run.median() / THOUSAND, "%.1f");
        line(text, "", "p99.99 us", row, run -> run.tail() / THOUSAND, "%.0f");
        text.append("%-28s  %-10s %s%n"
                .formatted(
                        "", "bytes", row.measured(VhostBlkRun::bytesOfRequest).words("%.3f")));
    }

    private static String lead(VhostBlkRow row) {
        return "%-9s %-5s %5d %6s"
                .formatted(
                        row.setting().waiting().word(),
                        row.setting().work().word(),
                        row.setting().depth(),
                        "%d/%d".formatted(row.cleanPairs(), row.measured().size()));
    }

    private static void line(
            StringBuilder text,
            String lead,
            String name,
            VhostBlkRow row,
            ToDoubleFunction<VhostBlkRun> figure,
            String format) {
        text.append(String.format(
                Locale.ROOT,
                "%-28s  %-10s %-26s %-26s %-18s%n",
                lead,
                name,
                row.measured(figure).words(format),
                row.peer(figure).words(format),
                row.ratio(figure).words("%.2f")));
    }
}
