package dev.postern.quirks.decision;

import dev.postern.facts.Fact;
import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;
import dev.postern.quirks.QuirkTable;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Decides on facts that are given as words, as test vectors have them. */
public final class Answers {

    private Answers() {}

    /** Decides on a plain platform with some facts replaced. */
    public static Decision decide(Map<FactName, String> given, QuirkTable quirks, List<Rule> rules) {
        DeviceFacts device = new DeviceFacts(
                "dev0", Fact.of(Set.of(ReservedFeature.VERSION_1), "usual"), Fact.of(64, "usual"), FactSheet.EMPTY);
        FactSheet sheet = Circumstances.sheet(device, Presets.plain());
        for (Map.Entry<FactName, String> fact : given.entrySet()) {
            sheet = sheet.with(fact.getKey(), Fact.of(fact.getValue(), "given"));
        }
        Circumstances asked = new Circumstances(device, Presets.plain()).as(sheet);
        Strictness strictness = sheet.is(FactName.STRICTNESS, "refuse") ? Strictness.REFUSE : Strictness.SERVE;
        return DmaDecision.decide(
                asked.device(), asked.platform().withStrictness(Fact.of(strictness, "given")), quirks, rules);
    }

    /** What came of it, in the words of test vectors. */
    public static Map<String, String> of(Decision decision) {
        Map<String, String> answer = new LinkedHashMap<>();
        for (FactName fact : FactName.values()) {
            answer.put(fact.word(), decision.explanation().platform().more().value(fact));
        }
        answer.put("plan", decision.outcome().describe());
        answer.put("coherency", decision.coherency().word());
        Set<ReservedFeature> accept = EnumSet.noneOf(ReservedFeature.class);
        accept.addAll(decision.accept());
        answer.put("accept", accept.stream().map(Enum::name).collect(Collectors.joining(" ")));
        answer.put("by", by(decision));
        return answer;
    }

    /** The rules that settled something, in order. */
    static String by(Decision decision) {
        return decision.explanation().steps().stream()
                .filter(step -> switch (step.finding()) {
                    case Finding.Settled _, Finding.Reached _, Finding.Synced _ -> true;
                    case Finding.NotMatched _, Finding.NotReached _, Finding.Accepted _ -> false;
                })
                .map(step -> step.rule().id())
                .collect(Collectors.joining(" "));
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
