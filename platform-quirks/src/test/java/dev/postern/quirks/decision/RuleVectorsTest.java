package dev.postern.quirks.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.postern.quirks.QuirkTable;
import dev.postern.quirks.RuleVector;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class RuleVectorsTest {

    static Stream<RuleVector> vectors() {
        return RuleVector.shipped().stream();
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void theVectorOfARuleHoldsAndFailsWithoutTheRule(RuleVector vector) {
        Decision with = Answers.decide(vector.vector().given(), QuirkTable.shipped(), Rule.inOrder());
        assertEquals(
                vector.vector().expect(),
                new TreeMap<>(Answers.part(with, vector.vector().expect())),
                () -> String.join("\n", with.explanation().lines()));
        List<Rule> others = Rule.inOrder().stream()
                .filter(rule -> !rule.id().equals(vector.rule()))
                .toList();
        assertFalse(holdsWith(others, vector), () -> vector.rule() + " changes nothing that its vector expects");
    }

    /** Whether the expectation holds; it does not where these rules settle nothing at all. */
    private static boolean holdsWith(List<Rule> rules, RuleVector vector) {
        try {
            return Answers.meets(
                    Answers.decide(vector.vector().given(), QuirkTable.shipped(), rules),
                    vector.vector().expect());
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    @Test
    void everyRuleHasAVector() {
        assertEquals(
                Rule.inOrder().stream().map(Rule::id).sorted().toList(),
                vectors().map(RuleVector::rule).sorted().toList());
    }
}
