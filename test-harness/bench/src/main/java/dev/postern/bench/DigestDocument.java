package dev.postern.bench;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The results as one JSON document, schema {@code postern.bench.digest/1}; times in seconds, rates in MiB per second. */
final class DigestDocument {

    private DigestDocument() {}

    static String of(List<DigestRow> rows, MachineLoad load) {
        return rows.stream()
                .map(DigestDocument::row)
                .collect(Collectors.joining(
                        ",\n    ",
                        String.format(
                                Locale.ROOT,
                                "{\n"
                                        + "  \"schema\": \"postern.bench.digest/1\",\n"
                                        + "  \"processors\": %d,\n"
                                        + "  \"loadBefore\": %.2f,\n"
                                        + "  \"loadAfter\": %.2f,\n"
                                        + "  \"rows\": [\n"
                                        + "    ",
                                load.processors(),
                                load.before(),
                                load.after()),
                        "\n  ]\n}\n"));
    }

    private static String row(DigestRow row) {
        return String.format(
                Locale.ROOT,
                "{\"work\": \"%s\", \"bytes\": %d, \"pairs\": %d, \"guestSeconds\": %.3f, \"fileSeconds\": %.3f,"
                        + " \"ratio\": %.3f, \"ratioLower\": %.3f, \"ratioUpper\": %.3f, \"guestMiBPerSecond\": %.0f,"
                        + " \"fileMiBPerSecond\": %.0f, \"ratioWithoutStart\": %.3f}",
                row.work().word(),
                row.bytes(),
                row.guests().size(),
                row.guestNanos() / 1e9,
                row.fileNanos() / 1e9,
                row.ratio(Quantile.MEDIAN),
                row.ratio(Quantile.LOWER),
                row.ratio(Quantile.UPPER),
                row.guestRate(),
                row.fileRate(),
                row.streamRatio(Quantile.MEDIAN));
    }
}
