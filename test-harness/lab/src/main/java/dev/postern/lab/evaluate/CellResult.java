package dev.postern.lab.evaluate;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What came of a cell.
 *
 * @param cell which one
 * @param seed of all that was random in it
 * @param plan how the device's accesses were arranged, such as {@code Bounced over Direct}; {@code none} when it has no plan
 * @param verdict the worst that was seen
 * @param awareness whether the guest was told, when the verdict is {@link Verdict#UNPROTECTED}; empty for others
 * @param evidence what the verdict rests on, the worst first; each line begins with the word of its verdict
 * @param rows the quirk rows that changed a fact on the way to the decision, in their order
 */
public record CellResult(
        Cell cell,
        long seed,
        String plan,
        Verdict verdict,
        Optional<Awareness> awareness,
        List<String> evidence,
        List<String> rows) {

    /** Copies the lists. */
    public CellResult {
        Objects.requireNonNull(cell);
        Objects.requireNonNull(plan);
        if (awareness.isPresent() != (verdict == Verdict.UNPROTECTED)) {
            throw new IllegalArgumentException(
                    "%s: %s, and awareness is %s: an unprotected cell has one, others have none"
                            .formatted(cell.id(), verdict.word(), awareness));
        }
        evidence = List.copyOf(evidence);
        rows = List.copyOf(rows);
    }

    /** Whether it must not be: data is lost or seen by others, and the guest does not know. */
    public boolean unacceptable() {
        return switch (verdict) {
            case LEAKS, CORRUPTS -> true;
            case UNPROTECTED -> awareness.orElseThrow() == Awareness.UNTOLD;
            case FAILS, REFUSED, WORKS -> false;
        };
    }
}
