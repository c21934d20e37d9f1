package dev.postern.quirks.decision;

import java.util.Objects;
import java.util.Set;

/**
 * The answer for one device.
 *
 * @param outcome drive it, and how, or leave it alone
 * @param accept the reserved features to accept, a part of those offered; empty when the device is refused
 * @param explanation why
 */
public record Decision(Outcome outcome, Set<ReservedFeature> accept, Explanation explanation) {

    /** Takes an immutable copy of the set. */
    public Decision {
        Objects.requireNonNull(outcome);
        accept = Set.copyOf(accept);
        Objects.requireNonNull(explanation);
    }
}
