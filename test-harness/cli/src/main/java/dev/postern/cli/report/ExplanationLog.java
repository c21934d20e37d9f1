package dev.postern.cli.report;

import dev.postern.cli.explain.Explained;
import dev.postern.quirks.Effect;
import dev.postern.quirks.FactName;
import dev.postern.quirks.QuirkRow;
import dev.postern.quirks.RowTrial;
import dev.postern.quirks.decision.Coherency;
import dev.postern.quirks.decision.Counterfactual;
import dev.postern.quirks.decision.Decision;
import dev.postern.quirks.decision.Evidence;
import dev.postern.quirks.decision.Explanation;
import dev.postern.quirks.decision.Finding;
import dev.postern.quirks.decision.Outcome;
import dev.postern.quirks.decision.PeerNote;
import dev.postern.quirks.decision.ReservedFeature;
import dev.postern.quirks.decision.Rule;
import dev.postern.quirks.decision.Step;
import dev.postern.quirks.decision.WhyNot;
import java.io.PrintStream;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Tells a person what comes of a device, and why: the outcome first, then what settled it, then what would change it. */
public final class ExplanationLog {

    private final LabelledLines lines;
    private final Palette palette;

    /**
     * A report.
     *
     * @param out where it goes
     * @param palette how it looks
     */
    public ExplanationLog(PrintStream out, Palette palette) {
        this.lines = new LabelledLines(out, palette);
        this.palette = palette;
    }

    /** Prints what mattered. */
    public void print(Explained explained) {
        Decision decision = explained.decision();
        Explanation explanation = decision.explanation();
        boolean driven = decision.outcome() instanceof Outcome.Proceed;
        String plan = decision.outcome().describe();
        lines.line(
                "outcome",
                "%s on %s: %s"
                        .formatted(
                                explained.situation().question().device(),
                                explained.situation().question().facts().value(FactName.PRESET),
                                driven ? palette.good(plan) : palette.bad(plan)));
        if (decision.outcome() instanceof Outcome.Refuse(String reason)) {
            lines.words("", reason);
        } else {
            lines.words(
                    "",
                    "accepts %s; %s"
                            .formatted(
                                    names(decision.accept()),
                                    decision.coherency().word()));
        }
        explained.whyNot().ifPresent(this::whyNot);
        explanation.deciding().forEach(this::step);
        rows(explanation);
        listed(
                "peers",
                explanation.peers().stream().map(PeerNote::words).distinct().toList());
        otherwise(explained);
        listed("note", explained.notes());
    }

    /** Prints every rule and row that was tried, matched or not. */
    public void printTrials(Explanation explanation) {
        lines.line("rules", "in order:");
        explanation.steps().forEach(step -> lines.words("", step.line()));
        lines.line("rows", "in order:");
        explanation.trials().forEach(trial -> lines.words("", trial.line()));
        lines.line("facts", "as rows corrected them:");
        explanation
                .platform()
                .more()
                .known()
                .keySet()
                .forEach(fact -> lines.words("", explanation.platform().more().describe(fact)));
    }

    private void step(Step step) {
        String label = switch (step.rule().ladder()) {
            case ADMISSION -> "admission";
            case ADDRESSING -> "address";
            case REACH -> "memory";
            case COHERENCY -> "caches";
            case FEATURES -> "features";
        };
        lines.words(label, "%s  [%s]".formatted(step.rule(), place(step.rule())));
        lines.words("", palette.faint("evidence: ") + evidence(step.finding()));
    }

    private static String place(Rule rule) {
        return rule.where() + "; " + rule.source();
    }

    private static String evidence(Finding finding) {
        return switch (finding) {
            case Finding.NotMatched(Evidence evidence) -> evidence.words();
            case Finding.Accepted(Evidence evidence, var _) -> evidence.words();
            case Finding.Settled(Evidence evidence, var _, var _) -> evidence.words();
            case Finding.Reached(Evidence evidence, var _) -> evidence.words();
            case Finding.Synced(Evidence evidence, var _) -> evidence.words();
            case Finding.NotReached(String by) -> "settled by " + by;
        };
    }

    /** Rows without which something else would have come in full, the others that changed facts in a line. */
    private void rows(Explanation explanation) {
        Set<QuirkRow> mattered =
                explanation.counterfactuals().stream().map(Counterfactual::row).collect(Collectors.toSet());
        for (RowTrial trial : explanation.trials()) {
            if (!trial.effects().isEmpty() && mattered.contains(trial.row())) {
                lines.words(
                        "row",
                        "%s  %s  [%s]"
                                .formatted(
                                        trial.row().id(),
                                        trial.row().title(),
                                        trial.row().where()));
                lines.words("", "sets %s".formatted(effects(trial)));
                lines.words(
                        "",
                        "%s (%s)".formatted(trial.row().reason(), trial.row().source()));
            }
        }
        for (RowTrial trial : explanation.trials()) {
            if (!trial.effects().isEmpty() && !mattered.contains(trial.row())) {
                lines.words(
                        "row",
                        palette.faint("%s  sets %s  [%s]"
                                .formatted(
                                        trial.row().id(),
                                        effects(trial),
                                        trial.row().where())));
            }
        }
    }

    private static String effects(RowTrial trial) {
        return trial.effects().stream().map(Effect::toString).collect(Collectors.joining(", "));
    }

    private void otherwise(Explained explained) {
        Decision decision = explained.decision();
        String label = "otherwise";
        for (Counterfactual one : decision.explanation().counterfactuals()) {
            lines.words(
                    label,
                    "without row %s: %s"
                            .formatted(one.row().id(), answer(one.outcome(), one.accept(), one.coherency())));
            label = "";
        }
        for (Map.Entry<ReservedFeature, Decision> flip : explained.flipped().entrySet()) {
            Decision other = flip.getValue();
            boolean offered =
                    explained.situation().question().facts().is(flip.getKey().fact(), "offered");
            lines.words(
                    label,
                    "%s %s: %s"
                            .formatted(
                                    offered ? "without" : "with",
                                    flip.getKey(),
                                    answer(other.outcome(), other.accept(), other.coherency())));
            label = "";
        }
    }

    private static String answer(Outcome outcome, Collection<ReservedFeature> accept, Coherency coherency) {
        return outcome instanceof Outcome.Proceed
                ? "%s, accepts %s, %s".formatted(outcome.describe(), names(accept), coherency.word())
                : outcome.describe();
    }

    private static String names(Collection<ReservedFeature> features) {
        return features.isEmpty()
                ? "no reserved feature"
                : features.stream().sorted().map(Enum::name).collect(Collectors.joining(", "));
    }

    private void whyNot(WhyNot whyNot) {
        if (whyNot.prevented().isEmpty()) {
            lines.words("why not", "%s is what comes of it".formatted(whyNot.wanted()));
            return;
        }
        for (Step step : whyNot.prevented()) {
            lines.words(
                    "why not", "%s: prevented by %s  [%s]".formatted(whyNot.wanted(), step.rule(), place(step.rule())));
        }
        if (whyNot.changes().isEmpty()) {
            lines.words("", "no change of up to three facts would give it");
            return;
        }
        lines.line("", "it would come if one of these were so:");
        grouped(whyNot.changes()).forEach((change, plans) -> lines.words("", "  %s: %s".formatted(change, plans)));
    }

    /** Changes of the same facts in one line. */
    private static Map<String, String> grouped(List<WhyNot.Remedy> remedies) {
        Map<Set<FactName>, List<WhyNot.Remedy>> byFacts = remedies.stream()
                .collect(Collectors.groupingBy(
                        remedy -> remedy.change().facts().keySet(), LinkedHashMap::new, Collectors.toList()));
        Map<String, String> lines = new LinkedHashMap<>();
        byFacts.values()
                .forEach(group -> lines.put(
                        group.stream().map(remedy -> remedy.change().toString()).collect(Collectors.joining("; or ")),
                        group.stream()
                                .map(remedy -> remedy.outcome().describe())
                                .distinct()
                                .collect(Collectors.joining(" or "))));
        return lines;
    }

    private void listed(String label, List<String> texts) {
        for (int i = 0; i < texts.size(); i++) {
            lines.words(i == 0 ? label : "", texts.get(i));
        }
    }
}
