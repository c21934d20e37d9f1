package dev.postern.lab.evaluate;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The shipped rows that no cell gets worse without, each with the reason. A test compares them with what sweeps find. */
public final class RowsWithoutCells {

    private static final String RESOURCE = "rows-without-cells.tsv";

    private final Map<String, String> reasons;

    private RowsWithoutCells(Map<String, String> reasons) {
        this.reasons = Collections.unmodifiableMap(reasons);
    }

    /** Those that come with this module. */
    public static RowsWithoutCells shipped() {
        try (InputStream in = RowsWithoutCells.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException(RESOURCE + " is missing from this module: build it with mvn verify");
            }
            Map<String, String> reasons = new LinkedHashMap<>();
            new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .forEach(line -> add(line, reasons));
            return new RowsWithoutCells(reasons);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void add(String line, Map<String, String> reasons) {
        String[] columns = line.split("\t", -1);
        if (columns.length != 2 || columns[1].isBlank() || reasons.put(columns[0], columns[1]) != null) {
            throw new IllegalStateException(
                    "%s has \"%s\": a line is an id, a tab and a reason, once for each id".formatted(RESOURCE, line));
        }
    }

    /** Reasons by the id of the row; immutable, in the order of the file. */
    public Map<String, String> reasons() {
        return reasons;
    }

    /** Why no cell gets worse without a row; empty when one does, or nobody knows. */
    public Optional<String> reason(String row) {
        return Optional.ofNullable(reasons.get(row));
    }
}
