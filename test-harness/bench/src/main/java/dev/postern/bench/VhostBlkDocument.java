package dev.postern.bench;

import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The results as one JSON document, schema {@code postern.bench.vhost-blk/1}. A row's {@code ratio} is that of requests a second, the
 * measured program over its peer, and should be 1 or more.
 */
final class VhostBlkDocument {

    private VhostBlkDocument() {}

    static String of(VhostBlkReport report) {
        return report.results().stream()
                .flatMap(result -> result.rows().stream().map(row -> row(row, result.pages())))
                .collect(Collectors.joining(
                        ",\n    ",
                        DocumentHead.of(
                                        "postern.bench.vhost-blk/1",
                                        report.load(),
                                        report.cores().frontEnd())
                                + "  \"cores\": {\"frontEnd\": \"%s\", \"daemon\": \"%s\"},\n  \"others\": [%s],\n  \"rows\": [\n    "
                                        .formatted(
                                                report.cores().frontEnd().number(),
                                                report.cores().daemon().number(),
                                                others(report.others())),
                        "\n  ]\n}\n"));
    }

    private static String others(OtherProcesses others) {
        return others.seconds().stream()
                .map(share -> String.format(
                        Locale.ROOT,
                        "{\"name\": \"%s\", \"seconds\": %.1f}",
                        share.name().replaceAll("[^\\x20-\\x7e]|[\"\\\\]", "?"),
                        share.seconds()))
                .collect(Collectors.joining(", "));
    }

    /** All words are names of constants, so nothing needs quoting. */
    private static String row(VhostBlkRow row, VhostBlkPages pages) {
        return String.format(
                Locale.ROOT,
                "{\"measured\": \"%s\", \"peer\": \"%s\", \"medium\": \"%s\", \"waiting\": \"%s\", \"work\": \"%s\","
                        + " \"depth\": %d, \"bytesPerRequest\": %d, \"pageBytes\": [%d, %d], \"pairs\": %d,"
                        + " \"cleanPairs\": %d, \"ratio\": %.3f, \"ratioQuartiles\": [%.3f, %.3f], \"iops\": %s,"
                        + " \"peerIops\": %s, \"cpuNs\": %s, \"peerCpuNs\": %s, \"cpuRatio\": %.3f, \"p50Ns\": %s,"
                        + " \"peerP50Ns\": %s, \"p50Ratio\": %.3f, \"p9999Ns\": %s, \"peerP9999Ns\": %s,"
                        + " \"p9999Ratio\": %.3f, \"heapBytes\": %.3f}",
                row.contest().measured(),
                row.contest().peer(),
                row.contest().medium(),
                row.setting().waiting(),
                row.setting().work(),
                row.setting().depth(),
                VhostBlkSetting.BLOCK,
                pages.measured(),
                pages.peer(),
                row.measured().size(),
                row.cleanPairs(),
                row.ratio(VhostBlkRun::iops).median(),
                row.ratio(VhostBlkRun::iops).lower(),
                row.ratio(VhostBlkRun::iops).upper(),
                row.measured(VhostBlkRun::iops).json(),
                row.peer(VhostBlkRun::iops).json(),
                row.measured(VhostBlkRun::cpuOfRequest).json(),
                row.peer(VhostBlkRun::cpuOfRequest).json(),
                row.ratio(VhostBlkRun::cpuOfRequest).median(),
                row.measured(VhostBlkRun::median).json(),
                row.peer(VhostBlkRun::median).json(),
                row.ratio(VhostBlkRun::median).median(),
                row.measured(VhostBlkRun::tail).json(),
                row.peer(VhostBlkRun::tail).json(),
                row.ratio(VhostBlkRun::tail).median(),
                row.measured(VhostBlkRun::bytesOfRequest).median());
    }
}
