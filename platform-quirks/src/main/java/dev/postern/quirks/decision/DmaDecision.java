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
        Step reached = null;
        for (Rule rule : Rule.inOrder()) {
            Step blocker = blockerOf(rule, settled, reached);
            Finding finding = blocker == null
                    ? rule.examine(device, platform)
                    : new Finding.NotReached(blocker.rule().id());
            Step step = new Step(rule, finding);
            steps.add(step);
            switch (finding) {
                case Finding.Settled _ -> settled = step;
                case Finding.Reached _ -> reached = step;
                case Finding.NotMatched _, Finding.Accepted _, Finding.NotReached _ -> {
                    // the next rule is tried
                }
            }
        }
        Explanation explanation = new Explanation(device, platform, steps);
        return new Decision(explanation.outcome(), explanation.accepted(), explanation);
    }

    /** The earlier step because of which a rule is not tried, or null. */
    private static Step blockerOf(Rule rule, Step settled, Step reached) {
        boolean refused = settled != null && ((Finding.Settled) settled.finding()).outcome() instanceof Outcome.Refuse;
        return switch (rule.ladder()) {
            case ADMISSION, ADDRESSING -> settled;
            case REACH -> refused ? settled : reached;
            case FEATURES -> refused ? settled : null;
        };
    }
}
