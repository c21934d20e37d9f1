package dev.postern.quirks.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import dev.postern.quirks.FactName;
import dev.postern.quirks.QuirkTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class RuleVectorsTest {

    record Vector(String rule, Map<FactName, String> given, Map<String, String> expect) {}

    static Stream<Vector> vectors() throws IOException {
        List<Vector> vectors = new ArrayList<>();
        JsonNode root = new TomlMapper().readTree(QuirkRowsTest.resource("/dev/postern/quirks/rules.toml"));
        for (JsonNode one : root.get("vector")) {
            Map<FactName, String> given = new EnumMap<>(FactName.class);
            one.path("given")
                    .properties()
                    .forEach(e -> given.put(
                            FactName.named(e.getKey()).orElseThrow(),
                            e.getValue().asText()));
            Map<String, String> expect = new TreeMap<>();
            one.path("expect")
                    .properties()
                    .forEach(e -> expect.put(e.getKey(), e.getValue().asText()));
            vectors.add(new Vector(one.get("rule").asText(), given, expect));
        }
        return vectors.stream();
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void theVectorOfARuleHoldsAndFailsWithoutTheRule(Vector vector) {
        Decision with = Answers.decide(vector.given(), QuirkTable.shipped(), Rule.inOrder());
        assertEquals(
                vector.expect(),
                new TreeMap<>(Answers.part(with, vector.expect())),
                () -> String.join("\n", with.explanation().lines()));
        List<Rule> others = Rule.inOrder().stream()
                .filter(rule -> !rule.id().equals(vector.rule()))
                .toList();
        assertFalse(holdsWith(others, vector), () -> vector.rule() + " changes nothing that its vector expects");
    }

    /** Whether the expectation holds; it does not where these rules settle nothing at all. */
    private static boolean holdsWith(List<Rule> rules, Vector vector) {
        try {
            return Answers.meets(Answers.decide(vector.given(), QuirkTable.shipped(), rules), vector.expect());
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    @Test
    void everyRuleHasAVector() throws IOException {
        assertEquals(
                Rule.inOrder().stream().map(Rule::id).sorted().toList(),
                vectors().map(Vector::rule).sorted().toList());
    }
}
