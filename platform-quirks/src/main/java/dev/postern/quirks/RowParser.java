package dev.postern.quirks;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Turns one TOML table into a row, and complains about all that is wrong in it. */
final class RowParser {

    private static final Set<String> TEXTS = Set.of("id", "title", "reason", "source");
    private static final Set<String> TABLES = Set.of("match", "set", "given", "expect");

    /** What a decision comes to is for rules: a row that says one of these means to name it. */
    private static final Set<String> OUTCOMES = Set.of(
            "outcome",
            "plan",
            "refuse",
            "refused",
            "defer",
            "direct",
            "bounced",
            "bounce",
            "translated",
            "granted",
            "accept",
            "coherency");

    private static final Set<String> EXPECTATIONS = Set.of("plan", "coherency", "accept");

    private final String file;
    private final int index;
    private final JsonNode table;
    private final TomlPlaces places;
    private final List<Complaint> complaints = new ArrayList<>();

    RowParser(String file, int index, JsonNode table, TomlPlaces places) {
        this.file = file;
        this.index = index;
        this.table = table;
        this.places = places;
    }

    List<Complaint> complaints() {
        return complaints;
    }

    /** The row; empty when there is a complaint about it. */
    Optional<QuirkRow> row() {
        table.fieldNames().forEachRemaining(key -> {
            if (!TEXTS.contains(key) && !TABLES.contains(key)) {
                complain(
                        "",
                        key,
                        "unknown key \"%s\": a row has id, title, reason, source, match, set, given, expect"
                                .formatted(key));
            }
        });
        Map<String, String> texts = new LinkedHashMap<>();
        for (String key : List.of("id", "title", "reason", "source")) {
            texts.put(key, text(key));
        }
        if (!texts.get("id").isEmpty() && !texts.get("id").matches("[a-z0-9][a-z0-9-]*")) {
            complain("", "id", "the id \"%s\" has other characters than a-z, 0-9 and -".formatted(texts.get("id")));
        }
        List<Condition> match = match();
        Map<FactName, String> set = set();
        Map<FactName, String> given = given();
        Map<String, String> expect = expect();
        if (!complaints.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new QuirkRow(
                texts.get("id"),
                texts.get("title"),
                match,
                set,
                texts.get("reason"),
                texts.get("source"),
                new TestVector(given, expect),
                new Place(file, places.row(index).line())));
    }

    private void complain(String inTable, String key, String message) {
        TomlPlaces.Spot spot = places.key(index, inTable, key);
        complaints.add(new Complaint(file, spot.line(), spot.column(), message));
    }

    private String text(String key) {
        JsonNode node = table.path(key);
        String text = node.isTextual() ? node.textValue().strip() : "";
        if (text.isEmpty()) {
            complain("", key, "the row has no %s: give one line of text".formatted(key));
        } else if (text.lines().count() > 1 || text.indexOf('\t') >= 0) {
            complain("", key, "the %s is no single line without tabs: make it one".formatted(key));
        }
        return text;
    }

    /** The entries of one of the row's tables whose keys are facts. */
    private Map<FactName, JsonNode> facts(String inTable) {
        Map<FactName, JsonNode> facts = new LinkedHashMap<>();
        JsonNode node = table.path(inTable);
        if (!node.isMissingNode() && !node.isObject()) {
            complain("", inTable, "%s is no table: write [row.%s] above its keys".formatted(inTable, inTable));
            return facts;
        }
        node.properties().forEach(entry -> {
            Optional<FactName> fact = FactName.named(entry.getKey());
            if (fact.isPresent()) {
                facts.put(fact.get(), entry.getValue());
            } else if (inTable.equals("set") && OUTCOMES.contains(entry.getKey())) {
                complain(
                        inTable,
                        entry.getKey(),
                        "\"%s\" is an outcome, which is for rules: set facts only".formatted(entry.getKey()));
            } else {
                complain(
                        inTable,
                        entry.getKey(),
                        "unknown key \"%s\": the nearest fact is %s"
                                .formatted(entry.getKey(), FactName.nearest(entry.getKey())));
            }
        });
        return facts;
    }

    private List<Condition> match() {
        List<Condition> match = new ArrayList<>();
        facts("match").forEach((fact, node) -> {
            List<String> alternatives = new ArrayList<>();
            for (JsonNode one : node.isArray() ? node : List.of(node)) {
                alternatives.add(one.asText());
            }
            if (alternatives.isEmpty()) {
                complain("match", fact.word(), "the row can never match: %s has no alternative".formatted(fact));
                return;
            }
            int before = complaints.size();
            alternatives.forEach(one -> checkAlternative(fact, one));
            if (complaints.size() == before) {
                match.add(new Condition(fact, alternatives));
            }
        });
        if (table.path("match").isEmpty()) {
            complain("", "match", "the row has no match: say under [row.match] where it applies");
        }
        return match;
    }

    private void checkAlternative(FactName fact, String alternative) {
        if (!(fact.domain() instanceof Domain.Number(long lowest, long highest))) {
            checkValue("match", fact, alternative);
            return;
        }
        Comparison comparison = Comparison.of(alternative);
        String bound = comparison.bound();
        if (FactName.named(bound).isPresent() || fact.domain().has(bound)) {
            if (!Comparison.readable(bound, fact.domain())) {
                complain("match", fact.word(), "%s is no number to compare %s with".formatted(bound, fact));
            }
            return;
        }
        boolean number = new Domain.Number(0, -1L).has(bound);
        complain(
                "match",
                fact.word(),
                number
                        ? "the row can never tell by \"%s %s\": %s is %s"
                                .formatted(
                                        fact, alternative, fact, fact.domain().describe())
                        : "\"%s\" is no value of %s: give %s, after <= or >= if need be"
                                .formatted(alternative, fact, fact.domain().describe()));
    }

    private void checkValue(String inTable, FactName fact, String value) {
        if (!fact.domain().has(value)) {
            complain(
                    inTable,
                    fact.word(),
                    "\"%s\" is no value of %s: give %s"
                            .formatted(value, fact, fact.domain().describe()));
        }
    }

    private Map<FactName, String> set() {
        Map<FactName, String> set = new LinkedHashMap<>();
        facts("set").forEach((fact, node) -> {
            String value = node.asText();
            if (!fact.settable()) {
                complain("set", fact.word(), "%s is what was found and no row may set it".formatted(fact));
            } else if (!(fact.domain() instanceof Domain.Number) || !Comparison.readable(value, fact.domain())) {
                checkValue("set", fact, value);
            }
            set.put(fact, value);
        });
        if (table.path("set").isEmpty()) {
            complain("", "set", "the row sets nothing: say under [row.set] which fact it corrects");
        }
        return set;
    }

    private Map<FactName, String> given() {
        Map<FactName, String> given = new LinkedHashMap<>();
        facts("given").forEach((fact, node) -> {
            checkValue("given", fact, node.asText());
            given.put(fact, node.asText());
        });
        return given;
    }

    private Map<String, String> expect() {
        Map<String, String> expect = new LinkedHashMap<>();
        table.path("expect").properties().forEach(entry -> {
            String value = entry.getValue().asText();
            Optional<FactName> fact = FactName.named(entry.getKey());
            if (fact.isPresent()) {
                checkValue("expect", fact.get(), value);
            } else if (!EXPECTATIONS.contains(entry.getKey())) {
                complain(
                        "expect",
                        entry.getKey(),
                        "unknown key \"%s\": expect plan, accept, coherency or a fact".formatted(entry.getKey()));
            }
            expect.put(entry.getKey(), value);
        });
        if (expect.isEmpty()) {
            complain(
                    "",
                    "expect",
                    "the row has no test vector: say under [row.given] and [row.expect] where it matters");
        }
        return expect;
    }
}
