package dev.postern.quirks.decision;

import dev.postern.dma.DmaPlan;
import java.util.List;
import java.util.Set;

/**
 * What the rules came to, without their reasons.
 *
 * @param outcome drive the device, and how, or leave it alone
 * @param accepted the features to accept; empty when the device is left alone
 * @param coherency whether syncs are real; coherent when no rule was asked
 */
record Answer(Outcome outcome, Set<ReservedFeature> accepted, Coherency coherency) {

    /**
     * The answer of the rules that were tried.
     *
     * @throws IllegalArgumentException when not exactly one of them settled the outcome
     */
    static Answer of(List<Step> steps) {
        Outcome addressing = null;
        int settled = 0;
        boolean bounced = false;
        boolean reached = false;
        Coherency coherency = null;
        long accept = 0;
        for (Step step : steps) {
            // Not a switch on types: it spins a class at every start.
            if (step.finding() instanceof Finding.Settled(var _, var features, Outcome outcome)) {
                addressing = outcome;
                settled++;
                accept |= ReservedFeature.bits(features);
            } else if (step.finding() instanceof Finding.Accepted(var _, var features)) {
                accept |= ReservedFeature.bits(features);
            } else if (step.finding() instanceof Finding.Reached(var _, Finding.Wrapping wrapping)) {
                bounced |= !reached && wrapping == Finding.Wrapping.BOUNCED;
                reached = true;
            } else if (step.finding() instanceof Finding.Synced(var _, Coherency found)) {
                coherency = coherency == null ? found : coherency;
            }
        }
        if (settled != 1) {
            throw new IllegalArgumentException("%d steps settle the outcome: exactly one must".formatted(settled));
        }
        Outcome outcome = bounced && addressing instanceof Outcome.Proceed(DmaPlan plan)
                ? new Outcome.Proceed(new DmaPlan.Bounced(plan))
                : addressing;
        return new Answer(
                outcome,
                ReservedFeature.in(outcome instanceof Outcome.Proceed ? accept : 0),
                coherency == null ? Coherency.COHERENT : coherency);
    }
}
