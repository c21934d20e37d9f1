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
        List<Step> steps = steps(circumstances, rules);
        Answer answer = Answer.of(steps);
        Explanation explanation = new Explanation(
                circumstances.device(),
                circumstances.platform(),
                steps,
                corrected.trials(),
                counterfactuals(found, known, quirks, corrected.trials(), rules, answer));
        return new Decision(
                answer.outcome(),
                answer.accepted(),
                answer.coherency(),
                EffectiveFacts.limits(circumstances.device(), corrected.facts()),
                EffectiveFacts.rules(corrected.facts()),
                explanation);
    }

    /**
     * What would have come without each row that changed a fact, where that is another answer. Rows before it are not tried
     * again: they did not see it.
     */
    private static List<Counterfactual> counterfactuals(
            Circumstances found,
            FactSheet known,
            QuirkTable quirks,
            List<RowTrial> trials,
            List<Rule> rules,
            Answer answer) {
        List<Counterfactual> counterfactuals = new ArrayList<>();
        FactSheet before = known;
        for (int i = 0; i < trials.size(); i++) {
            RowTrial trial = trials.get(i);
            if (!trial.effects().isEmpty()) {
                Circumstances without = found.as(quirks.correctedFrom(i + 1, before));
                Answer other = Answer.of(steps(without, rules));
                if (!other.equals(answer)) {
                    counterfactuals.add(
                            new Counterfactual(trial.row(), other.outcome(), other.accepted(), other.coherency()));
                }
                before = trial.appliedTo(before);
            }
        }
        return counterfactuals;
    }

    /** What a decision comes to, without the work of finding out which rows mattered. */
    static Outcome outcome(DeviceFacts device, PlatformFacts platform, QuirkTable quirks) {
        Circumstances circumstances = new Circumstances(device, platform)
                .as(quirks.correct(Circumstances.sheet(device, platform)).facts());
        return Answer.of(steps(circumstances, Rule.inOrder())).outcome();
    }

    private static List<Step> steps(Circumstances circumstances, List<Rule> rules) {
        List<Step> steps = new ArrayList<>(rules.size());
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
            // Not a switch on types: it spins a class at every start.
            if (finding instanceof Finding.Settled) {
                settled = step;
            } else if (finding instanceof Finding.Reached) {
                reached = step;
            } else if (finding instanceof Finding.Synced) {
                synced = step;
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
