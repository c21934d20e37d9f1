package dev.postern.quirks.decision;

import dev.postern.quirks.Corrected;
import dev.postern.quirks.FactSheet;
import dev.postern.quirks.QuirkTable;
import dev.postern.quirks.RowTrial;
import java.util.ArrayList;
import java.util.List;

/** Decides how a device reaches memory. */
public final class DmaDecision {

    private DmaDecision() {}

    /**
     * Decides with the rows that come with this module.
     *
     * @param device what it offers, before negotiation
     * @param platform what surrounds it
     * @return the outcome, the features to accept, and why; never null
     */
    public static Decision decide(DeviceFacts device, PlatformFacts platform) {
        return decide(device, platform, QuirkTable.shipped());
    }

    /**
     * Corrects the facts by every row in order, then tries every rule in order. A pure function: the same facts give the same
     * decision, and nothing else is read or changed; any thread may call it.
     *
     * @param device what it offers, before negotiation
     * @param platform what surrounds it
     * @param quirks rows that correct facts
     * @return the outcome, the features to accept, and why; never null
     * @throws IllegalArgumentException when a fact cannot be read, such as {@code dma-ranges} that are none
     */
    public static Decision decide(DeviceFacts device, PlatformFacts platform, QuirkTable quirks) {
        return decide(device, platform, quirks, Rule.inOrder());
    }

    /** As above with some of the rules, for tests of what each is for. */
    static Decision decide(DeviceFacts device, PlatformFacts platform, QuirkTable quirks, List<Rule> rules) {
        FactSheet known = Circumstances.sheet(device, platform);
        Circumstances found = new Circumstances(device, platform);
        Corrected corrected = quirks.correct(known);
        Circumstances circumstances = found.as(corrected.facts());
        Explanation explanation = new Explanation(
                circumstances.device(),
                circumstances.platform(),
                steps(circumstances, rules),
                corrected.trials(),
                List.of());
        List<Counterfactual> counterfactuals = new ArrayList<>();
        for (RowTrial trial : corrected.trials()) {
            if (!trial.effects().isEmpty()) {
                Circumstances without =
                        found.as(quirks.without(trial.row().id()).correct(known).facts());
                Explanation other = new Explanation(
                        without.device(), without.platform(), steps(without, rules), List.of(), List.of());
                if (!other.sameAnswer(explanation)) {
                    counterfactuals.add(
                            new Counterfactual(trial.row(), other.outcome(), other.accepted(), other.coherency()));
                }
            }
        }
        Explanation whole = explanation.with(counterfactuals);
        return new Decision(
                whole.outcome(),
                whole.accepted(),
                whole.coherency(),
                EffectiveFacts.limits(circumstances.device(), corrected.facts()),
                EffectiveFacts.rules(corrected.facts()),
                whole);
    }

    /** What a decision comes to, without the work of finding out which rows mattered. */
    static Outcome outcome(DeviceFacts device, PlatformFacts platform, QuirkTable quirks) {
        Circumstances circumstances = new Circumstances(device, platform)
                .as(quirks.correct(Circumstances.sheet(device, platform)).facts());
        return new Explanation(
                        circumstances.device(),
                        circumstances.platform(),
                        steps(circumstances, Rule.inOrder()),
                        List.of(),
                        List.of())
                .outcome();
    }

    private static List<Step> steps(Circumstances circumstances, List<Rule> rules) {
        List<Step> steps = new ArrayList<>();
        Step settled = null;
        Step reached = null;
        Step synced = null;
        for (Rule rule : rules) {
            Step blocker = blockerOf(rule, settled, reached, synced);
            Finding finding = blocker == null
                    ? rule.examine(circumstances.device(), circumstances.platform())
                    : new Finding.NotReached(blocker.rule().id());
            Step step = new Step(rule, finding);
            steps.add(step);
            switch (finding) {
                case Finding.Settled _ -> settled = step;
                case Finding.Reached _ -> reached = step;
                case Finding.Synced _ -> synced = step;
                case Finding.NotMatched _, Finding.Accepted _, Finding.NotReached _ -> {
                    // the next rule is tried
                }
            }
        }
        return steps;
    }

    /** The earlier step because of which a rule is not tried, or null. */
    private static Step blockerOf(Rule rule, Step settled, Step reached, Step synced) {
        boolean left = settled != null && !(((Finding.Settled) settled.finding()).outcome() instanceof Outcome.Proceed);
        return switch (rule.ladder()) {
            case ADMISSION, ADDRESSING -> settled;
            case REACH -> left ? settled : reached;
            case COHERENCY -> left ? settled : synced;
            case FEATURES -> left ? settled : null;
        };
    }
}
