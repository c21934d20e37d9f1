package dev.postern.quirks;

import java.util.List;

/**
 * Facts after all rows were tried.
 *
 * @param facts what is known now
 * @param trials every row, in order
 */
public record Corrected(FactSheet facts, List<RowTrial> trials) {

    /** Takes an immutable copy. */
    public Corrected {
        trials = List.copyOf(trials);
    }
}
