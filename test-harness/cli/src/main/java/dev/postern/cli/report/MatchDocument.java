package dev.postern.cli.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.postern.cli.explain.Situation;
import dev.postern.quirks.Corrected;
import dev.postern.quirks.FactName;
import dev.postern.quirks.RowTrial;

/** The rows that match as one JSON document, {@value #SCHEMA}. */
public final class MatchDocument {

    /** Which fields there are and what they mean; the number grows when one changes its meaning or goes. */
    public static final String SCHEMA = "postern.match/1";

    private MatchDocument() {}

    /** The document, in lines. */
    public static String of(Situation situation, Corrected corrected) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("schema", SCHEMA);
        root.put("ok", true);
        root.put("device", situation.question().device());
        root.put("preset", situation.question().facts().value(FactName.PRESET));
        root.put("tried", corrected.trials().size());
        ArrayNode rows = root.putArray("rows");
        corrected.trials().stream()
                .filter(RowTrial::matched)
                .forEach(trial -> DecisionNodes.putTrial(rows.addObject(), trial));
        root.putArray("errors");
        root.put("exit", 0);
        return root.toPrettyString();
    }
}
