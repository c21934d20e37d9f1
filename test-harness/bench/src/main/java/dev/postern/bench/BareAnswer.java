package dev.postern.bench;

import dev.postern.dma.DmaPlan;
import dev.postern.quirks.decision.Coherency;
import dev.postern.quirks.decision.Decision;
import dev.postern.quirks.decision.Outcome;
import dev.postern.quirks.decision.ReservedFeature;

/**
 * A decision without an explanation.
 *
 * @param outcome drive the device, and how, or leave it alone
 * @param bounced whether every mapping goes through a pool
 * @param offset added to guest-physical addresses, modulo 2^64
 * @param accept the feature bits to accept
 * @param coherent whether syncs cost nothing
 */
record BareAnswer(BareOutcome outcome, boolean bounced, long offset, long accept, boolean coherent) {

    /** A device that is left alone. */
    static BareAnswer left(BareOutcome outcome) {
        return new BareAnswer(outcome, false, 0, 0, true);
    }

    /** What is left of a decision without its explanation, limits and rules. */
    static BareAnswer of(Decision decision) {
        return switch (decision.outcome()) {
            case Outcome.Refuse _ -> left(BareOutcome.REFUSED);
            case Outcome.Defer _ -> left(BareOutcome.DEFERRED);
            case Outcome.Proceed(DmaPlan plan) -> driven(decision, plan);
        };
    }

    private static BareAnswer driven(Decision decision, DmaPlan plan) {
        boolean bounced = plan instanceof DmaPlan.Bounced;
        DmaPlan addressing = plan instanceof DmaPlan.Bounced(var over) ? over : plan;
        BareOutcome outcome = switch (addressing) {
            case DmaPlan.Granted _ -> BareOutcome.GRANTED;
            case DmaPlan.PageTranslated _ -> BareOutcome.PAGE_TRANSLATED;
            case DmaPlan.Translated _ -> BareOutcome.TRANSLATED;
            case DmaPlan.Direct _ -> BareOutcome.DIRECT;
            case DmaPlan.Bounced _ -> throw new IllegalArgumentException("bounced twice: " + plan);
        };
        return new BareAnswer(
                outcome,
                bounced,
                addressing instanceof DmaPlan.Direct(long offset) ? offset : 0,
                ReservedFeature.bits(decision.accept()),
                decision.coherency() == Coherency.COHERENT);
    }
}
