package dev.postern.bench;

import dev.postern.virtio.queue.QueueOptions;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The results as one JSON document, schema {@code postern.bench.ring/1}. */
final class RingDocument {

    private RingDocument() {}

    static String of(List<RingRow> rows, MachineLoad load, PinnedCore core) {
        return rows.stream()
                .map(RingDocument::row)
                .collect(Collectors.joining(
                        ",\n    ",
                        DocumentHead.of("postern.bench.ring/1", load, core) + "  \"rows\": [\n    ",
                        "\n  ]\n}\n"));
    }

    /** All words are names of constants, so nothing needs quoting. */
    private static String row(RingRow row) {
        return String.format(
                Locale.ROOT,
                "{\"ring\": \"%s\", \"batch\": %d, \"specialised\": %b, \"backends\": %d, \"pairs\": %d, \"ns\": %s,"
                        + " \"peerNs\": %s, \"ratio\": %.3f, \"ratioQuartiles\": [%.3f, %.3f], \"bytes\": %.3f}",
                row.setting().ring(),
                row.batch(),
                row.setting().code() == QueueOptions.Code.SPECIALISED,
                row.setting().backends(),
                row.java().size(),
                Quartiles.of(row.java()).json(),
                Quartiles.of(row.peer()).json(),
                row.ratio(Quantile.MEDIAN),
                row.ratio(Quantile.LOWER),
                row.ratio(Quantile.UPPER),
                row.bytes());
    }
}
