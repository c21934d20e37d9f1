package dev.postern.lab.evaluate;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The worst verdict that conditions give, and why.
 *
 * @param verdict the worst
 * @param awareness whether the guest was told, when the verdict is {@link Verdict#UNPROTECTED}
 * @param evidence lines of every condition that is met, the worst first, each with the word of its verdict before it
 */
record Judgement(Verdict verdict, Optional<Awareness> awareness, List<String> evidence) {

    /** Of many lines that say the same, these tell enough. */
    private static final int LINES_OF_ONE_CONDITION = 4;

    /**
     * Judges by some conditions.
     *
     * @param rules in the order in which their evidence is shown
     */
    static Judgement of(Observation seen, List<VerdictRule> rules) {
        Verdict worst = Verdict.WORKS;
        List<String> evidence = new ArrayList<>();
        for (VerdictRule rule : rules) {
            if (rule.met(seen)) {
                worst = rule.verdict().worseThan(worst) ? rule.verdict() : worst;
                add(rule, rule.evidence(seen), evidence);
            }
        }
        return new Judgement(
                worst, worst == Verdict.UNPROTECTED ? Optional.of(awareness(seen)) : Optional.empty(), evidence);
    }

    private static Awareness awareness(Observation seen) {
        return seen.promise() == MemoryPromise.KEPT ? Awareness.UNTOLD : Awareness.TOLD;
    }

    private static void add(VerdictRule rule, List<String> lines, List<String> evidence) {
        for (String line : lines.subList(0, Math.min(lines.size(), LINES_OF_ONE_CONDITION))) {
            evidence.add(rule.verdict().word() + ": " + line);
        }
        if (lines.size() > LINES_OF_ONE_CONDITION) {
            evidence.add(
                    "%s: and %d more such".formatted(rule.verdict().word(), lines.size() - LINES_OF_ONE_CONDITION));
        }
    }
}
