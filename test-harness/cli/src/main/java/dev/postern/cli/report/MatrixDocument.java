package dev.postern.cli.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.postern.cli.explain.Matrix;
import dev.postern.quirks.decision.Decision;
import java.util.List;

/** A matrix as one JSON document, {@value #SCHEMA}. A cell that no device can be in has a null plan. */
public final class MatrixDocument {

    /** Which fields there are and what they mean; the number grows when one changes its meaning or goes. */
    public static final String SCHEMA = "postern.matrix/1";

    private MatrixDocument() {}

    /**
     * The document, in lines.
     *
     * @param without ids of rows that were left out
     */
    public static String of(Matrix matrix, List<String> without) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("schema", SCHEMA);
        root.put("ok", true);
        ArrayNode left = root.putArray("without");
        without.forEach(left::add);
        ArrayNode cells = root.putArray("cells");
        for (Matrix.Cell cell : matrix.cells()) {
            ObjectNode node = cells.addObject();
            node.put("preset", cell.preset());
            ArrayNode features = node.putArray("features");
            cell.features().forEach(feature -> features.add(feature.name()));
            if (cell.decision().isPresent()) {
                Decision decision = cell.decision().get();
                DecisionNodes.putOutcome(node, decision.outcome(), decision.accept(), decision.coherency());
                node.put("rule", decision.explanation().settling().rule().id());
            } else {
                node.putNull("plan");
            }
        }
        root.putArray("errors");
        root.put("exit", 0);
        return root.toPrettyString();
    }
}
