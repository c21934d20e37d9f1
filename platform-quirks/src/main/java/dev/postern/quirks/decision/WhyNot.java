package dev.postern.quirks.decision;

import dev.postern.facts.Fact;
import dev.postern.quirks.Domain;
import dev.postern.quirks.FactName;
import dev.postern.quirks.QuirkTable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Why a question was not answered by a certain plan, and what would have to differ.
 *
 * @param wanted the plan that was asked about
 * @param prevented the steps that settled it otherwise; empty when the plan is what came of the decision
 * @param changes the smallest changes of facts after which it would be the plan; all of one size, empty when none was found
 */
public record WhyNot(PlanKind wanted, List<Step> prevented, List<Remedy> changes) {

    /**
     * A change of facts, and what would come of it.
     *
     * @param change what would have to differ
     * @param outcome of the decision then
     */
    public record Remedy(FactChange change, Outcome outcome) {}

    /** How many changes are combined at most; with more of them one describes another machine. */
    private static final int MOST = 3;

    /** Takes immutable copies. */
    public WhyNot {
        prevented = List.copyOf(prevented);
        changes = List.copyOf(changes);
    }

    /** Looks for the reason and for the changes. */
    public static WhyNot of(Question question, QuirkTable quirks, PlanKind wanted) {
        Decision decision = question.decide(quirks);
        if (PlanKind.of(decision.outcome()) == wanted) {
            return new WhyNot(wanted, List.of(), List.of());
        }
        return new WhyNot(wanted, prevented(decision, wanted), new Search(question, quirks, wanted).changes());
    }

    /** Which of the two ladders went another way: addressing, reach, or both. */
    private static List<Step> prevented(Decision decision, PlanKind wanted) {
        Explanation explanation = decision.explanation();
        List<Step> steps = new ArrayList<>();
        Step settling = explanation.settling();
        Outcome addressing = ((Finding.Settled) settling.finding()).outcome();
        if (wanted != PlanKind.BOUNCED && PlanKind.of(addressing) != wanted
                || !(addressing instanceof Outcome.Proceed)) {
            steps.add(settling);
        }
        boolean driven = addressing instanceof Outcome.Proceed;
        boolean bounced = PlanKind.of(decision.outcome()) == PlanKind.BOUNCED;
        boolean wantsDriven = wanted != PlanKind.REFUSED && wanted != PlanKind.DEFERRED;
        if (driven && wantsDriven && bounced != (wanted == PlanKind.BOUNCED)) {
            explanation.reaching().ifPresent(steps::add);
        }
        return steps;
    }

    /** Tries changes of facts, the small ones first. */
    private record Search(Question question, QuirkTable quirks, PlanKind wanted) {

        List<Remedy> changes() {
            List<Remedy> found = working(FactChanges.single(question.facts(), quirks));
            List<FactChange> some = FactChanges.combinable(question.facts(), quirks);
            List<FactChange> combined = some;
            if (found.isEmpty()) {
                found = working(some);
            }
            for (int size = 2; size <= MOST && found.isEmpty(); size++) {
                combined = extended(combined, some);
                found = working(combined);
            }
            return found;
        }

        private static List<FactChange> extended(List<FactChange> changes, List<FactChange> some) {
            Set<FactChange> all = new HashSet<>();
            List<FactChange> inOrder = new ArrayList<>();
            for (FactChange one : changes) {
                for (FactChange other : some) {
                    if (!one.overlaps(other)) {
                        FactChange both = one.and(other);
                        if (all.add(both)) {
                            inOrder.add(both);
                        }
                    }
                }
            }
            return inOrder;
        }

        private List<Remedy> working(List<FactChange> changes) {
            List<Remedy> found = new ArrayList<>();
            Set<Set<FactName>> numbers = new HashSet<>();
            for (FactChange change : changes) {
                boolean number =
                        change.facts().keySet().stream().anyMatch(fact -> fact.domain() instanceof Domain.Number);
                // Of the numbers that would do, the first is the nearest to the present one.
                if (number && numbers.contains(change.facts().keySet())) {
                    continue;
                }
                Question changed = changed(change);
                if (changed.contradictions().isEmpty()) {
                    Outcome outcome = changed.outcome(quirks);
                    if (PlanKind.of(outcome) == wanted) {
                        found.add(new Remedy(change, outcome));
                        numbers.add(change.facts().keySet());
                    }
                }
            }
            return found;
        }

        private Question changed(FactChange change) {
            Question changed = question;
            for (Map.Entry<FactName, String> fact : change.facts().entrySet()) {
                changed = changed.with(fact.getKey(), Fact.of(fact.getValue(), "what if"));
            }
            return changed;
        }
    }
}
