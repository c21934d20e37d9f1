package dev.postern.quirks.decision;

import dev.postern.quirks.FactName;
import dev.postern.quirks.QuirkTable;
import java.util.List;
import java.util.Map;

/** Decides on facts that are given as words, as test vectors have them. */
public final class Answers {

    private Answers() {}

    /** Decides on a plain platform with some facts replaced. */
    public static Decision decide(Map<FactName, String> given, QuirkTable quirks, List<Rule> rules) {
        return VectorRun.question(given).decide(quirks, rules);
    }

    /** What came of it, in the words of test vectors. */
    public static Map<String, String> of(Decision decision) {
        return VectorRun.words(decision);
    }

    /** The rules that settled something, in order. */
    static String by(Decision decision) {
        return VectorRun.words(decision).get("by");
    }

    /** Whether a decision is as expected. */
    public static boolean meets(Decision decision, Map<String, String> expect) {
        Map<String, String> answer = of(decision);
        return expect.entrySet().stream().allMatch(e -> e.getValue().equals(answer.get(e.getKey())));
    }

    /** The part of an answer that an expectation is about, for messages. */
    public static Map<String, String> part(Decision decision, Map<String, String> expect) {
        Map<String, String> answer = of(decision);
        answer.keySet().retainAll(expect.keySet());
        return answer;
    }
}
