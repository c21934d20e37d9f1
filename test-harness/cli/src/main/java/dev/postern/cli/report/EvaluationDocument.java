package dev.postern.cli.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.postern.lab.evaluate.Awareness;
import dev.postern.lab.evaluate.Cell;
import dev.postern.lab.evaluate.CellChange;
import dev.postern.lab.evaluate.CellResult;
import dev.postern.lab.evaluate.SweepReport;
import dev.postern.lab.evaluate.Verdict;
import dev.postern.quirks.decision.ReservedFeature;
import java.util.List;

/**
 * A sweep, or a shard of one, as one JSON document, {@value #SCHEMA}. It holds no time and nothing of the computer, so that the same
 * seed gives the same bytes, and the merge of all shards those of the whole.
 */
public final class EvaluationDocument {

    /** Which fields there are and what they mean; the number grows when one changes its meaning or goes. */
    public static final String SCHEMA = "postern.evaluate/1";

    private EvaluationDocument() {}

    /**
     * The document, in lines.
     *
     * @param version of the program whose machine and guest it was
     */
    public static String of(SweepReport report, String version) {
        ObjectNode root = root(version, report.seed());
        root.putObject("shard")
                .put("index", report.shard().index())
                .put("of", report.shard().count());
        root.put("total", report.total());
        root.putObject("table")
                .put("rows", report.table().rows())
                .put("checksum", report.table().checksum());
        root.put("ok", !report.unacceptable());
        ObjectNode counts = root.putObject("counts");
        for (Verdict verdict : Verdict.values()) {
            counts.put(
                    verdict.word(),
                    report.cells().stream()
                            .filter(cell -> cell.verdict() == verdict)
                            .count());
        }
        ArrayNode cells = root.putArray("cells");
        report.cells().forEach(cell -> putCell(cells.addObject(), cell));
        strings(root.putArray("without"), report.without());
        ArrayNode changes = root.putArray("changes");
        report.changes().forEach(change -> putChange(changes.addObject(), change));
        return root.toPrettyString();
    }

    /** The document of one cell that was run alone, with what happened in it. */
    public static String of(CellResult result, long seed, List<String> without, List<String> trace, String version) {
        ObjectNode root = root(version, seed);
        root.put("ok", !result.unacceptable());
        putCell(root.putArray("cells").addObject(), result);
        strings(root.putArray("without"), without);
        strings(root.putArray("trace"), trace);
        return root.toPrettyString();
    }

    private static ObjectNode root(String version, long seed) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("schema", SCHEMA);
        root.put("version", version);
        root.put("seed", seed);
        return root;
    }

    private static void putCell(ObjectNode node, CellResult result) {
        Cell cell = result.cell();
        node.put("id", cell.id());
        node.put("preset", cell.preset());
        ArrayNode features = node.putArray("features");
        for (ReservedFeature feature : cell.offered().features()) {
            features.add(feature.name());
        }
        node.put("trait", cell.trait().word());
        node.put("strictness", Cell.word(cell.strictness()));
        putOutcome(node, result);
        node.put("seed", result.seed());
    }

    private static void putOutcome(ObjectNode node, CellResult result) {
        node.put("plan", result.plan());
        node.put("verdict", result.verdict().word());
        node.put(
                "knowing",
                result.awareness().map(awareness -> awareness == Awareness.TOLD).orElse(null));
        strings(node.putArray("evidence"), result.evidence());
        strings(node.putArray("rows"), result.rows());
    }

    private static void putChange(ObjectNode node, CellChange change) {
        node.put("id", change.cell().id());
        node.put("worsened", change.worsened());
        putOutcome(node.putObject("without"), change.without());
    }

    private static void strings(ArrayNode array, List<String> values) {
        values.forEach(array::add);
    }
}
