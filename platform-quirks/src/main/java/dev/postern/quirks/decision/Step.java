package dev.postern.quirks.decision;

import java.util.Objects;

/**
 * One rule and what came of it.
 *
 * @param rule the rule
 * @param finding matched or not, and on what evidence
 */
public record Step(Rule rule, Finding finding) {

    /** Neither part may be null. */
    public Step {
        Objects.requireNonNull(rule);
        Objects.requireNonNull(finding);
    }

    /** The step in one line: id, whether it matched, title, evidence, clause and place in the source. */
    public String line() {
        String answer = switch (finding) {
            case Finding.NotMatched(String evidence) -> "no   %s [%s]".formatted(rule.title(), evidence);
            case Finding.Accepted(String evidence, var _) -> "yes  %s [%s]".formatted(rule.title(), evidence);
            case Finding.Settled(String evidence, var _, var _) -> "yes  %s [%s]".formatted(rule.title(), evidence);
            case Finding.Reached(String evidence, var _) -> "yes  %s [%s]".formatted(rule.title(), evidence);
            case Finding.Synced(String evidence, var _) -> "yes  %s [%s]".formatted(rule.title(), evidence);
            case Finding.NotReached(String by) -> "-    %s [not reached after %s]".formatted(rule.title(), by);
        };
        return "%-3s %s %s, %s".formatted(rule.id(), answer, rule.source(), rule.where());
    }
}
