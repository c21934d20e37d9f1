package dev.postern.quirks.decision;

import dev.postern.dma.BounceRules;
import dev.postern.dma.DmaConstraints;
import java.util.Objects;
import java.util.Set;

/**
 * The answer for one device.
 *
 * @param outcome drive it, and how, or leave it alone
 * @param accept the reserved features to accept, a part of those offered; empty when the device is refused
 * @param coherency whether syncs are real; coherent when the device is not driven
 * @param limits what the context is opened with beside the plan
 * @param rules how a bounced context is to treat what the device wrote
 * @param explanation why, with the facts as rows corrected them
 */
public record Decision(
        Outcome outcome,
        Set<ReservedFeature> accept,
        Coherency coherency,
        DmaConstraints limits,
        BounceRules rules,
        Explanation explanation) {

    /** Takes an immutable copy of the set. */
    public Decision {
        Objects.requireNonNull(outcome);
        accept = ReservedFeature.copyOf(accept);
        Objects.requireNonNull(coherency);
        Objects.requireNonNull(limits);
        Objects.requireNonNull(rules);
        Objects.requireNonNull(explanation);
    }
}
