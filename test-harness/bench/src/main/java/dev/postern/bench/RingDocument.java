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
                        ",\n    ", head("postern.bench.ring/1", load, core) + "  \"rows\": [\n    ", "\n  ]\n}\n"));
    }

    /** What a document about rings begins with. */
    static String head(String schema, MachineLoad load, PinnedCore core) {
        return String.format(
                Locale.ROOT,
                "{\n  \"schema\": \"%s\",\n  \"load\": {\"before\": %.2f, \"after\": %.2f, \"processors\": %d},\n"
                        + "  \"pinned\": %b,\n",
                schema,
                load.before(),
                load.after(),
                load.processors(),
                !core.prefix().isEmpty());
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
                quartiles(row.java()),
                quartiles(row.peer()),
                row.ratio(Quantile.MEDIAN),
                row.ratio(Quantile.LOWER),
                row.ratio(Quantile.UPPER),
                row.bytes());
    }

    private static String quartiles(List<Double> values) {
        return String.format(
                Locale.ROOT,
                "{\"lower\": %.3f, \"median\": %.3f, \"upper\": %.3f}",
                Quantile.LOWER.of(values),
                Quantile.MEDIAN.of(values),
                Quantile.UPPER.of(values));
    }
}
