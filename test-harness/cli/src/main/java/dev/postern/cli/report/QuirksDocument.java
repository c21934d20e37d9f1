package dev.postern.cli.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.postern.quirks.Condition;
import dev.postern.quirks.QuirkRow;
import dev.postern.quirks.QuirkTable;
import dev.postern.quirks.decision.Rule;
import dev.postern.quirks.decision.VectorRun;
import java.util.Locale;

/** Rules and rows as one JSON document, {@value #SCHEMA}. */
public final class QuirksDocument {

    /** Which fields there are and what they mean; the number grows when one changes its meaning or goes. */
    public static final String SCHEMA = "postern.quirks/1";

    private QuirksDocument() {}

    /** All of them, in lines. */
    public static String of(QuirkTable table) {
        ObjectNode root = root();
        ArrayNode quirks = root.putArray("quirks");
        table.rows().forEach(row -> put(quirks.addObject(), row));
        Rule.inOrder().forEach(rule -> put(quirks.addObject(), rule));
        return ended(root);
    }

    /** One row with its vector, in lines. */
    public static String of(QuirkRow row, QuirkTable table) {
        ObjectNode root = root();
        ObjectNode node = root.putArray("quirks").addObject();
        put(node, row);
        put(node.putObject("vector"), VectorRun.of(row, table));
        return ended(root);
    }

    /** One rule with its vector, in lines. */
    public static String of(Rule rule, QuirkTable table) {
        ObjectNode root = root();
        ObjectNode node = root.putArray("quirks").addObject();
        put(node, rule);
        VectorRun.of(rule, table).ifPresent(run -> put(node.putObject("vector"), run));
        return ended(root);
    }

    private static ObjectNode root() {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("schema", SCHEMA);
        root.put("ok", true);
        return root;
    }

    private static String ended(ObjectNode root) {
        root.putArray("errors");
        root.put("exit", 0);
        return root.toPrettyString();
    }

    private static void put(ObjectNode node, QuirkRow row) {
        node.put("kind", "row");
        DecisionNodes.putRow(node, row);
        ObjectNode match = node.putObject("match");
        for (Condition condition : row.match()) {
            ArrayNode alternatives = match.putArray(condition.fact().word());
            condition.alternatives().forEach(alternatives::add);
        }
        ObjectNode set = node.putObject("set");
        row.set().forEach((fact, value) -> set.put(fact.word(), value));
    }

    /** A rule matches and settles in code, so that part is empty. */
    private static void put(ObjectNode node, Rule rule) {
        node.put("kind", "rule");
        DecisionNodes.putRule(node, rule);
        node.put("reason", "rule of the ladder " + rule.ladder().name().toLowerCase(Locale.ROOT));
        node.put("peers", rule.peers());
        node.putObject("match");
        node.putObject("set");
    }

    private static void put(ObjectNode node, VectorRun run) {
        ObjectNode given = node.putObject("given");
        run.vector().given().forEach((fact, value) -> given.put(fact.word(), value));
        ObjectNode expect = node.putObject("expect");
        run.vector().expect().forEach(expect::put);
        ObjectNode with = node.putObject("with");
        run.with().forEach(with::put);
        ObjectNode without = node.putObject("without");
        run.without().forEach(without::put);
        node.put("holds", run.tells());
    }
}
