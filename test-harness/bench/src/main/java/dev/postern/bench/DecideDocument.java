package dev.postern.bench;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The results as one JSON document, schema {@code postern.bench.decide/1}; times are in nanoseconds for one decision. */
final class DecideDocument {

    private DecideDocument() {}

    static String of(List<DecideRow> rows) {
        return rows.stream()
                .map(DecideDocument::row)
                .collect(Collectors.joining(
                        ",\n    ", "{\n  \"schema\": \"postern.bench.decide/1\",\n  \"rows\": [\n    ", "\n  ]\n}\n"));
    }

    /** No word has a quotation mark in it. */
    private static String row(DecideRow row) {
        Paired paired = row.paired();
        return String.format(
                Locale.ROOT,
                "{\"input\": \"%s\", \"work\": \"%s\", \"jvm\": \"%s\", \"perSecond\": %.1f, \"ns\": %.1f, \"bareNs\":"
                        + " %.1f, \"overNs\": %.1f, \"ratio\": %.3f, \"error\": %.1f}",
                row.input(),
                row.work(),
                row.state(),
                row.perSecond(),
                paired.value(),
                paired.bare(),
                paired.over(),
                paired.ratio(),
                paired.error());
    }
}
