package dev.postern.quirks.decision;

import java.util.Objects;

/**
 * One rule and what came of it.
 *
 * @param rule the rule
 * @param finding matched or not, and on what evidence
 */
public record Step(Rule rule, Finding finding) {

    private static final int ID_WIDTH = 3;

    /** Neither part may be null. */
    public Step {
        Objects.requireNonNull(rule);
        Objects.requireNonNull(finding);
    }

    /** The step in one line: id, whether it matched, title, evidence, clause and place in the source. */
    public String line() {
        String answer = switch (finding) {
            case Finding.NotMatched(Evidence evidence) -> "no   " + rule.title() + " [" + evidence;
            case Finding.Accepted(Evidence evidence, var _) -> yes(evidence);
            case Finding.Settled(Evidence evidence, var _, var _) -> yes(evidence);
            case Finding.Reached(Evidence evidence, var _) -> yes(evidence);
            case Finding.Synced(Evidence evidence, var _) -> yes(evidence);
            case Finding.NotReached(String by) -> "-    " + rule.title() + " [not reached after " + by;
        };
        String margin = " ".repeat(Math.max(0, ID_WIDTH - rule.id().length()));
        return rule.id() + margin + " " + answer + "] " + rule.source() + ", " + rule.where();
    }

    private String yes(Evidence evidence) {
        return "yes  " + rule.title() + " [" + evidence;
    }
}
