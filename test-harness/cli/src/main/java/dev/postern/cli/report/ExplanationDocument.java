package dev.postern.cli.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.postern.cli.explain.Explained;
import dev.postern.quirks.FactName;
import dev.postern.quirks.decision.Counterfactual;
import dev.postern.quirks.decision.Decision;
import dev.postern.quirks.decision.Explanation;
import dev.postern.quirks.decision.PeerNote;
import dev.postern.quirks.decision.WhyNot;

/** An answer as one JSON document, {@value #SCHEMA}. It has everything, matched or not. */
public final class ExplanationDocument {

    /** Which fields there are and what they mean; the number grows when one changes its meaning or goes. */
    public static final String SCHEMA = "postern.explain/1";

    private ExplanationDocument() {}

    /** The document, in lines. */
    public static String of(Explained explained) {
        Decision decision = explained.decision();
        Explanation explanation = decision.explanation();
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("schema", SCHEMA);
        root.put("ok", true);
        root.put("device", explained.situation().question().device());
        root.put("preset", explained.situation().question().facts().value(FactName.PRESET));
        DecisionNodes.putOutcome(root, decision.outcome(), decision.accept(), decision.coherency());
        ArrayNode deciding = root.putArray("deciding");
        explanation.deciding().forEach(step -> DecisionNodes.putStep(deciding.addObject(), step));
        ArrayNode peers = root.putArray("peers");
        for (PeerNote note : explanation.peers()) {
            peers.addObject().put("rule", note.rule().id()).put("words", note.words());
        }
        putCounterfactuals(root.putArray("counterfactuals"), explained);
        explained.whyNot().ifPresent(whyNot -> putWhyNot(root.putObject("whyNot"), whyNot));
        putFacts(root.putArray("facts"), explanation);
        ArrayNode rules = root.putArray("rules");
        explanation.steps().forEach(step -> DecisionNodes.putStep(rules.addObject(), step));
        ArrayNode rows = root.putArray("rows");
        explanation.trials().forEach(trial -> DecisionNodes.putTrial(rows.addObject(), trial));
        ArrayNode without = root.putArray("without");
        explained.situation().without().forEach(without::add);
        ArrayNode notes = root.putArray("notes");
        explained.notes().forEach(notes::add);
        root.putArray("errors");
        root.put("exit", 0);
        return root.toPrettyString();
    }

    private static void putCounterfactuals(ArrayNode array, Explained explained) {
        for (Counterfactual one : explained.decision().explanation().counterfactuals()) {
            ObjectNode node = array.addObject().put("withoutRow", one.row().id());
            DecisionNodes.putOutcome(node, one.outcome(), one.accept(), one.coherency());
        }
        explained.flipped().forEach((feature, other) -> {
            ObjectNode node = array.addObject().put("flippedFeature", feature.name());
            DecisionNodes.putOutcome(node, other.outcome(), other.accept(), other.coherency());
        });
    }

    private static void putWhyNot(ObjectNode node, WhyNot whyNot) {
        node.put("plan", whyNot.wanted().word());
        ArrayNode prevented = node.putArray("preventedBy");
        whyNot.prevented().forEach(step -> DecisionNodes.putStep(prevented.addObject(), step));
        ArrayNode changes = node.putArray("changes");
        for (WhyNot.Remedy remedy : whyNot.changes()) {
            ObjectNode change = changes.addObject();
            ObjectNode facts = change.putObject("facts");
            remedy.change().facts().forEach((fact, value) -> facts.put(fact.word(), value));
            change.put("plan", remedy.outcome().describe());
        }
    }

    private static void putFacts(ArrayNode array, Explanation explanation) {
        explanation
                .platform()
                .more()
                .known()
                .forEach((name, fact) -> array.addObject()
                        .put("fact", name.word())
                        .put("value", fact.value())
                        .put("source", fact.source()));
    }
}
