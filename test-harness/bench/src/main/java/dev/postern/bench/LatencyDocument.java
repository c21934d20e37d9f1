package dev.postern.bench;

import dev.postern.virtio.queue.QueueOptions;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The results as one JSON document, schema {@code postern.bench.latency/1}. */
final class LatencyDocument {

    private LatencyDocument() {}

    static String of(List<LatencyRow> rows, MachineLoad load, PinnedCore core) {
        return rows.stream()
                .map(LatencyDocument::row)
                .collect(Collectors.joining(
                        ",\n    ",
                        DocumentHead.of("postern.bench.latency/1", load, core) + "  \"rows\": [\n    ",
                        "\n  ]\n}\n"));
    }

    /** All words are names of constants, so nothing needs quoting. */
    private static String row(LatencyRow row) {
        return String.format(
                Locale.ROOT,
                "{\"ring\": \"%s\", \"batch\": 1, \"specialised\": %b, \"backends\": 0, \"rate\": %d, \"samples\": %d,"
                        + " \"pairs\": %d, \"ratio\": %.3f, \"percentiles\": [%s]}",
                row.setting().ring(),
                row.setting().code() == QueueOptions.Code.SPECIALISED,
                row.rate(),
                row.samples(),
                row.java().size(),
                row.ratio(LatencyRow.PERCENTS.indexOf(99.99)),
                IntStream.rangeClosed(0, LatencyRow.PERCENTS.size())
                        .mapToObj(place -> place(row, place))
                        .collect(Collectors.joining(", ")));
    }

    private static String place(LatencyRow row, int place) {
        return String.format(
                Locale.ROOT,
                "{\"percent\": %s, \"ns\": %.0f, \"peerNs\": %.0f, \"ratio\": %.3f}",
                place < LatencyRow.PERCENTS.size()
                        ? LatencyRow.PERCENTS.get(place).toString()
                        : "100",
                row.java(place),
                row.peer(place),
                row.ratio(place));
    }
}
