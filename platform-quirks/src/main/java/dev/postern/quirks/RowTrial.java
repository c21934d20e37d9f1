package dev.postern.quirks;

import java.util.List;
import java.util.Optional;

/**
 * One row and what came of trying it.
 *
 * @param row the row
 * @param mismatch the first condition that did not hold, and the fact that it met; empty when the row matched
 * @param effects the facts that it changed; a row that matched and found everything as it says has none
 */
public record RowTrial(QuirkRow row, Optional<Mismatch> mismatch, List<Effect> effects) {

    /** Takes an immutable copy. */
    public RowTrial {
        effects = List.copyOf(effects);
    }

    /** Whether all conditions held. */
    public boolean matched() {
        return mismatch.isEmpty();
    }

    /** Facts with what the row changed in them, which must be those that it was tried on. */
    public FactSheet appliedTo(FactSheet facts) {
        if (effects.isEmpty()) {
            return facts;
        }
        FactSheet.Builder builder = facts.toBuilder();
        effects.forEach(effect -> builder.with(effect.fact(), effect.after()));
        return builder.build();
    }

    /** The trial in one line: place, id, whether it matched, and what it changed or why not. */
    public String line() {
        String answer = mismatch.isPresent()
                ? "no   " + row.title() + " [" + mismatch.get() + "]"
                : "yes  " + row.title() + " " + (effects.isEmpty() ? "[changes nothing]" : effects.toString());
        return row.id() + " " + answer + " " + row.source() + ", " + row.where();
    }
}
