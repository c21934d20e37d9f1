package dev.postern.quirks.decision;

import dev.postern.facts.Fact;
import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;
import dev.postern.quirks.QuirkRow;
import dev.postern.quirks.QuirkTable;
import dev.postern.quirks.RuleVector;
import dev.postern.quirks.TestVector;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A test vector put to the test: with the row or rule that it is about, and without it.
 *
 * @param vector facts on which the row or rule matters, and what must come of them
 * @param with what came of them, for the words that the vector expects
 * @param without the same without the row or rule
 */
public record VectorRun(TestVector vector, Map<String, String> with, Map<String, String> without) {

    /** Takes immutable copies that keep the order. */
    public VectorRun {
        with = Collections.unmodifiableMap(new LinkedHashMap<>(with));
        without = Collections.unmodifiableMap(new LinkedHashMap<>(without));
    }

    /** Runs the vector of a row of a table. */
    public static VectorRun of(QuirkRow row, QuirkTable quirks) {
        Question question = question(row.vector().given());
        return new VectorRun(
                row.vector(),
                expected(row.vector(), words(question.decide(quirks))),
                expected(row.vector(), words(question.decide(quirks.without(row.id())))));
    }

    /** Runs the vector of a rule; empty when it has none. */
    public static Optional<VectorRun> of(Rule rule, QuirkTable quirks) {
        return RuleVector.of(rule.id()).map(RuleVector::vector).map(vector -> {
            Question question = question(vector.given());
            List<Rule> others =
                    Rule.inOrder().stream().filter(other -> other != rule).toList();
            return new VectorRun(
                    vector,
                    expected(vector, words(question.decide(quirks))),
                    expected(vector, wordsOf(question, quirks, others)));
        });
    }

    /** Whether the vector holds, and fails without what it is about. */
    public boolean tells() {
        return with.equals(vector.expect()) && !without.equals(vector.expect());
    }

    /** A vector's facts on an ordinary machine. */
    static Question question(Map<FactName, String> given) {
        FactSheet sheet = Presets.plain().more();
        for (Map.Entry<FactName, String> fact : given.entrySet()) {
            sheet = sheet.with(fact.getKey(), Fact.of(fact.getValue(), "given"));
        }
        return new Question("dev0", sheet);
    }

    private static Map<String, String> wordsOf(Question question, QuirkTable quirks, List<Rule> rules) {
        try {
            return words(question.decide(quirks, rules));
        } catch (IllegalArgumentException e) {
            // The rule was the last of its ladder: without it there is no answer at all.
            return Map.of();
        }
    }

    /** Everything that came of a decision, in the words of test vectors. */
    static Map<String, String> words(Decision decision) {
        Map<String, String> words = new LinkedHashMap<>();
        for (FactName fact : FactName.values()) {
            words.put(fact.word(), decision.explanation().platform().more().value(fact));
        }
        words.put("plan", decision.outcome().describe());
        words.put("coherency", decision.coherency().word());
        Set<ReservedFeature> accept = EnumSet.noneOf(ReservedFeature.class);
        accept.addAll(decision.accept());
        words.put("accept", accept.stream().map(Enum::name).collect(Collectors.joining(" ")));
        words.put(
                "by",
                decision.explanation().deciding().stream()
                        .map(step -> step.rule().id())
                        .collect(Collectors.joining(" ")));
        return words;
    }

    /** The part of an answer that a vector is about, in its order; what there is no answer to is empty. */
    private static Map<String, String> expected(TestVector vector, Map<String, String> words) {
        Map<String, String> part = new LinkedHashMap<>();
        vector.expect().keySet().forEach(word -> part.put(word, words.getOrDefault(word, "")));
        return part;
    }
}
