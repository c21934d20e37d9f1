package dev.postern.quirks;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Quirk rows in the order in which they are tried: later rows see what earlier ones set, and win. Immutable. */
public final class QuirkTable {

    private static final QuirkTable EMPTY = new QuirkTable(List.of());

    private final List<QuirkRow> rows;

    private QuirkTable(List<QuirkRow> rows) {
        this.rows = List.copyOf(rows);
    }

    /** The rows that come with this module, as compiled when it was built. */
    public static QuirkTable shipped() {
        return Shipped.TABLE;
    }

    /** No rows. */
    public static QuirkTable empty() {
        return EMPTY;
    }

    /**
     * A table of rows in the order given.
     *
     * @throws IllegalArgumentException when two rows have one id
     */
    public static QuirkTable of(List<QuirkRow> rows) {
        Set<String> seen = new TreeSet<>();
        for (QuirkRow row : rows) {
            if (!seen.add(row.id())) {
                throw new IllegalArgumentException("two rows are called %s: rename one".formatted(row.id()));
            }
        }
        return new QuirkTable(rows);
    }

    /** Every row in order; an immutable list. */
    public List<QuirkRow> rows() {
        return rows;
    }

    /** The row of an id; empty when there is none. */
    public Optional<QuirkRow> row(String id) {
        return rows.stream().filter(row -> row.id().equals(id)).findFirst();
    }

    /** The same table without one row. */
    public QuirkTable without(String id) {
        if (row(id).isEmpty()) {
            throw new IllegalArgumentException("no quirk row is called \"%s\": quirks list shows them".formatted(id));
        }
        return new QuirkTable(rows.stream().filter(row -> !row.id().equals(id)).toList());
    }

    /** The same table with local rows at its end. A local row with the id of one in the table takes its place there. */
    public QuirkTable overriddenBy(LocalQuirks local) {
        Set<String> replaced = local.rows().stream().map(QuirkRow::id).collect(Collectors.toSet());
        List<QuirkRow> all = new ArrayList<>(
                rows.stream().filter(row -> !replaced.contains(row.id())).toList());
        all.addAll(local.rows());
        return of(all);
    }

    /** Tries every row in order on what is known. A pure function. */
    public Corrected correct(FactSheet facts) {
        List<RowTrial> trials = new ArrayList<>(rows.size());
        FactSheet now = facts;
        for (QuirkRow row : rows) {
            RowTrial trial = row.tryOn(now);
            trials.add(trial);
            now = trial.appliedTo(now);
        }
        return new Corrected(now, trials);
    }

    /**
     * The facts after the rows from one on were tried in order: what {@link #correct} comes to, without the trials. A pure function.
     *
     * @param first index of the first row to try, 0 to the number of rows
     */
    public FactSheet correctedFrom(int first, FactSheet facts) {
        FactSheet now = facts;
        for (int i = first; i < rows.size(); i++) {
            now = rows.get(i).corrected(now);
        }
        return now;
    }

    @Override
    public String toString() {
        return rows.toString();
    }

    /** Read on first use only. */
    private static final class Shipped {

        static final QuirkTable TABLE = read();

        private static QuirkTable read() {
            try (InputStream in = QuirkTable.class.getResourceAsStream(CompiledRows.RESOURCE)) {
                if (in == null) {
                    throw new IllegalStateException(
                            CompiledRows.RESOURCE + " is missing from this module: build it with mvn verify");
                }
                return of(CompiledRows.read(in));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
