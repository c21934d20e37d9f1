package dev.postern.quirks.decision;

import dev.postern.quirks.QuirkRow;
import java.util.Set;

/**
 * What the decision would have been without one quirk row.
 *
 * @param row the row that mattered
 * @param outcome what the decision would have come to
 * @param accept the features that would have been accepted
 * @param coherency whether syncs would have been real
 */
public record Counterfactual(QuirkRow row, Outcome outcome, Set<ReservedFeature> accept, Coherency coherency) {

    /** Takes an immutable copy of the set. */
    public Counterfactual {
        accept = ReservedFeature.copyOf(accept);
    }

    @Override
    public String toString() {
        return "without row " + row + ": " + outcome.describe() + ", accepts " + accept + ", " + coherency.word();
    }
}
