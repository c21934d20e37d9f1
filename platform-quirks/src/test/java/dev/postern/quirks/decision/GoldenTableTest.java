package dev.postern.quirks.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * The decision over all classed inputs, as a file that the build verifies. {@code -Dpostern.golden=write} writes it anew.
 *
 * <p>One line for each platform, one column for each set of offered features; an answer is the rules that settled it and the
 * plan. Fences and coherency do not touch the plan and have sections of their own.
 */
final class GoldenTableTest {

    @Test
    void theWholeTableIsAsRecorded() throws IOException {
        List<String> lines = new ArrayList<>();
        plans(lines);
        orders(lines);
        coherencies(lines);
        Path file = Path.of("src/test/resources/dev/postern/quirks/golden.txt");
        if ("write".equals(System.getProperty("postern.golden"))) {
            Files.write(file, lines);
        }
        List<String> recorded = Files.readAllLines(file);
        for (int i = 0; i < Math.min(lines.size(), recorded.size()); i++) {
            int line = i + 1;
            assertEquals(recorded.get(i), lines.get(i), () -> "golden.txt:" + line);
        }
        assertEquals(recorded.size(), lines.size());
    }

    private static void plans(List<String> lines) {
        lines.add("# xen iommu addresses reach port transport strictness | answers for offered features "
                + ClassedInputs.offers().stream().map(ClassedInput::label).toList()
                + ": V VERSION_1, A ACCESS_PLATFORM");
        lines.add("# an answer: the rules that settled it, then the plan; = repeats the answer before it");
        for (ClassedInput platform : ClassedInputs.platforms()) {
            lines.add(platform.label() + " | " + answers(platform));
        }
    }

    private static String answers(ClassedInput platform) {
        List<String> answers = new ArrayList<>();
        String before = "";
        for (ClassedInput offer : ClassedInputs.offers()) {
            Decision decision = decide(platform.and(offer));
            String answer = Answers.by(decision).replace(" C9", "") + ": "
                    + decision.outcome().describe();
            answers.add(answer.equals(before) ? "=" : answer);
            before = answer;
        }
        return String.join(" | ", answers);
    }

    private static Decision decide(ClassedInput input) {
        Circumstances asked = input.circumstances();
        return DmaDecision.decide(asked.device(), asked.platform());
    }

    private static void orders(List<String> lines) {
        lines.add("# order-platform barriers fences | plan, accepted");
        for (ClassedInput order : ClassedInputs.orders()) {
            Map<String, String> answer = Answers.of(decide(order));
            lines.add("%s | %s, %s".formatted(order.label(), answer.get("plan"), answer.get("accept")));
        }
    }

    private static void coherencies(List<String> lines) {
        lines.add("# access-platform iommu snooped no-snoop through honoured | rule and coherency");
        for (ClassedInput coherency : ClassedInputs.coherencies()) {
            Decision decision = decide(coherency);
            lines.add("%s | %s %s"
                    .formatted(
                            coherency.label(),
                            Answers.by(decision),
                            decision.coherency().word()));
        }
    }

    /** A table that only ever said one thing would be as recorded too. */
    @Test
    void everyRuleThatCanSettleClassedInputsIsInTheTable() throws IOException {
        Set<String> missing = new HashSet<>(List.of(
                "V1", "V3", "V4", "V6", "X1", "X2", "T1", "T2", "R3", "D1", "R1", "D2", "R2", "B1", "B2", "B3", "B4",
                "C1", "C2", "C9"));
        String text = Files.readString(Path.of("src/test/resources/dev/postern/quirks/golden.txt"));
        missing.removeIf(id -> text.matches("(?s).*[| ]" + id + "\\b.*"));
        assertEquals(Set.of(), missing);
    }
}
