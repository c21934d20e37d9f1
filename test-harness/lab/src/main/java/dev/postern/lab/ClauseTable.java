package dev.postern.lab;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * The normative clauses of the virtio specification by id, and why some of them do not apply to what Postern implements.
 *
 * @param clauses in the order of the specification
 * @param notApplicable reasons, one line each, by clause id
 */
public record ClauseTable(SequencedMap<String, Clause> clauses, SequencedMap<String, String> notApplicable) {

    private static final String CLAUSES = "clauses.tsv";
    private static final String NOT_APPLICABLE = "clauses-not-applicable.tsv";

    /** Takes unmodifiable views. */
    public ClauseTable {
        clauses = Collections.unmodifiableSequencedMap(clauses);
        notApplicable = Collections.unmodifiableSequencedMap(notApplicable);
    }

    /**
     * One clause.
     *
     * @param id file and line of the specification's source
     * @param side {@code driver} or {@code device}
     * @param area such as {@code basic:split ring}
     * @param keyword such as {@code MUST NOT}
     */
    public record Clause(String id, String side, String area, String keyword) {

        /** Whether it binds without exception. */
        public boolean mandatory() {
            return keyword.equals("MUST") || keyword.equals("MUST NOT");
        }
    }

    /**
     * Reads the table that comes with the lab.
     *
     * @throws IllegalStateException when a line is malformed or a reason names no clause, with the line
     */
    public static ClauseTable load() {
        SequencedMap<String, Clause> clauses = new LinkedHashMap<>();
        for (String[] fields : rows(CLAUSES, 4)) {
            clauses.put(fields[0], new Clause(fields[0], fields[1], fields[2], fields[3]));
        }
        SequencedMap<String, String> reasons = new LinkedHashMap<>();
        for (String[] fields : rows(NOT_APPLICABLE, 2)) {
            if (!clauses.containsKey(fields[0])) {
                throw new IllegalStateException("%s: there is no clause %s".formatted(NOT_APPLICABLE, fields[0]));
            }
            if (reasons.put(fields[0], fields[1]) != null) {
                throw new IllegalStateException("%s: %s is there twice".formatted(NOT_APPLICABLE, fields[0]));
            }
        }
        return new ClauseTable(clauses, reasons);
    }

    /** The rows behind the heading. */
    private static List<String[]> rows(String resource, int columns) {
        List<String[]> rows = new ArrayList<>();
        try (InputStream in = ClauseTable.class.getResourceAsStream(resource);
                BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            reader.readLine();
            String line;
            while ((line = reader.readLine()) != null) {
                String[] fields = line.split("\t");
                if (fields.length != columns) {
                    throw new IllegalStateException(
                            "%s: %d columns are needed in: %s".formatted(resource, columns, line));
                }
                rows.add(fields);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return rows;
    }
}
