package dev.postern.bench;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The results as one JSON document, schema {@code postern.bench.dma/1}. */
final class DmaDocument {

    private DmaDocument() {}

    static String of(List<DmaRow> rows) {
        return rows.stream()
                .map(DmaDocument::row)
                .collect(Collectors.joining(
                        ",\n    ", "{\n  \"schema\": \"postern.bench.dma/1\",\n  \"rows\": [\n    ", "\n  ]\n}\n"));
    }

    /** All words are names of constants, so nothing needs quoting. */
    private static String row(DmaRow row) {
        DmaCase each = row.measured();
        return String.format(
                Locale.ROOT,
                "{\"plan\": \"%s\", \"bytes\": %d, \"direction\": \"%s\", \"threads\": %d, \"fill\": \"%s\", \"ns\":"
                        + " %.2f, \"bareNs\": %.2f, \"overNs\": %.2f, \"ratio\": %.3f, \"error\": %.2f}",
                each.plan(),
                each.bytes(),
                each.direction(),
                each.threads(),
                each.fill(),
                row.ns(),
                row.bareNs(),
                row.overNs(),
                row.ratio(),
                row.error());
    }
}
