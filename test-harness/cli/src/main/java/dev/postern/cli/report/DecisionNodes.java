package dev.postern.cli.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.postern.quirks.Effect;
import dev.postern.quirks.QuirkRow;
import dev.postern.quirks.RowTrial;
import dev.postern.quirks.decision.Coherency;
import dev.postern.quirks.decision.Evidence;
import dev.postern.quirks.decision.Finding;
import dev.postern.quirks.decision.Outcome;
import dev.postern.quirks.decision.PlanKind;
import dev.postern.quirks.decision.ReservedFeature;
import dev.postern.quirks.decision.Rule;
import dev.postern.quirks.decision.Step;
import java.util.Collection;
import java.util.Locale;

/** Parts of documents that are about decisions. */
final class DecisionNodes {

    private DecisionNodes() {}

    /** What a decision came to. */
    static void putOutcome(
            ObjectNode node, Outcome outcome, Collection<ReservedFeature> accepted, Coherency coherency) {
        node.put("plan", outcome.describe());
        node.put("kind", PlanKind.of(outcome).word());
        node.put("reason", outcome instanceof Outcome.Refuse(String reason) ? reason : null);
        ArrayNode accepts = node.putArray("accepts");
        accepted.stream().sorted().forEach(feature -> accepts.add(feature.name()));
        node.put("coherency", coherency.word());
    }

    /** A rule and what came of it. */
    static void putStep(ObjectNode node, Step step) {
        putRule(node, step.rule());
        switch (step.finding()) {
            case Finding.NotMatched(Evidence evidence) ->
                node.put("finding", "not-matched").put("evidence", evidence.words());
            case Finding.Accepted(Evidence evidence, var _) ->
                node.put("finding", "accepted").put("evidence", evidence.words());
            case Finding.Settled(Evidence evidence, var _, var _) ->
                node.put("finding", "settled").put("evidence", evidence.words());
            case Finding.Reached(Evidence evidence, var _) ->
                node.put("finding", "settled").put("evidence", evidence.words());
            case Finding.Synced(Evidence evidence, var _) ->
                node.put("finding", "settled").put("evidence", evidence.words());
            case Finding.NotReached(String by) ->
                node.put("finding", "not-reached").put("settledBy", by);
        }
    }

    /** A rule. */
    static void putRule(ObjectNode node, Rule rule) {
        node.put("id", rule.id());
        node.put("ladder", rule.ladder().name().toLowerCase(Locale.ROOT));
        node.put("title", rule.title());
        node.put("source", rule.source());
        node.put("file", rule.where().file());
        node.put("line", rule.where().line());
    }

    /** A row. */
    static void putRow(ObjectNode node, QuirkRow row) {
        node.put("id", row.id());
        node.put("title", row.title());
        node.put("reason", row.reason());
        node.put("source", row.source());
        node.put("file", row.where().file());
        node.put("line", row.where().line());
    }

    /** A row and what came of trying it. */
    static void putTrial(ObjectNode node, RowTrial trial) {
        putRow(node, trial.row());
        node.put("matched", trial.matched());
        node.put("mismatch", trial.mismatch().map(Object::toString).orElse(null));
        ArrayNode effects = node.putArray("effects");
        for (Effect effect : trial.effects()) {
            effects.addObject()
                    .put("fact", effect.fact().word())
                    .put("before", effect.before().value())
                    .put("after", effect.after().value());
        }
    }
}
