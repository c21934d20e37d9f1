package dev.postern.quirks.decision;

import java.util.ArrayList;
import java.util.List;

/** Decides how a device reaches memory. */
public final class DmaDecision {

    private DmaDecision() {}

    /**
     * Tries every rule in order. A pure function: the same facts give the same decision, and nothing else is read or
     * changed; any thread may call it.
     *
     * @param device what it offers, before negotiation
     * @param platform what surrounds it
     * @return the outcome, the features to accept, and why; never null
     */
    public static Decision decide(DeviceFacts device, PlatformFacts platform) {
        List<Step> steps = new ArrayList<>();
        Step settled = null;
        for (Rule rule : Rule.inOrder()) {
            Finding finding = settled == null || triedAfter(settled, rule)
                    ? rule.examine(device, platform)
                    : new Finding.NotReached(settled.rule().id());
            Step step = new Step(rule, finding);
            steps.add(step);
            if (finding instanceof Finding.Settled) {
                settled = step;
            }
        }
        Explanation explanation = new Explanation(device, platform, steps);
        return new Decision(explanation.outcome(), explanation.accepted(), explanation);
    }

    private static boolean triedAfter(Step settled, Rule rule) {
        return rule.afterOutcome() == Rule.AfterOutcome.TRIED_IF_DRIVEN
                && settled.finding() instanceof Finding.Settled(String _, var _, Outcome.Proceed _);
    }
}
