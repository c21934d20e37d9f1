package dev.postern.quirks.decision;

import dev.postern.quirks.Complaint;
import dev.postern.quirks.QuirkRow;
import dev.postern.quirks.QuirkTable;
import java.util.ArrayList;
import java.util.List;

/** Finds rows whose test vector says nothing about them. */
public final class VectorLint {

    private VectorLint() {}

    /**
     * Runs the vectors of some rows of a table.
     *
     * @return a complaint for each vector that does not hold, and for each that holds without its row too
     */
    public static List<Complaint> check(List<QuirkRow> rows, QuirkTable quirks) {
        List<Complaint> complaints = new ArrayList<>();
        for (QuirkRow row : rows) {
            try {
                check(row, VectorRun.of(row, quirks), complaints);
            } catch (IllegalArgumentException e) {
                complaints.add(
                        at(row, "the vector of row %s cannot be decided: %s".formatted(row.id(), e.getMessage())));
            }
        }
        return complaints;
    }

    private static void check(QuirkRow row, VectorRun run, List<Complaint> complaints) {
        if (!run.with().equals(run.vector().expect())) {
            complaints.add(at(
                    row,
                    "the vector of row %s expects %s, and %s comes: correct one of them"
                            .formatted(row.id(), run.vector().expect(), run.with())));
        } else if (!run.tells()) {
            complaints.add(at(
                    row,
                    "the vector of row %s holds without the row too: give facts on which it matters"
                            .formatted(row.id())));
        }
    }

    private static Complaint at(QuirkRow row, String message) {
        return new Complaint(row.where().file(), row.where().line(), 1, message);
    }
}
