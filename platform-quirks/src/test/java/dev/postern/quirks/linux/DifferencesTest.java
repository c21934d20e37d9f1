package dev.postern.quirks.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.quirks.FactSheet;
import dev.postern.quirks.QuirkTable;
import dev.postern.quirks.decision.Answers;
import dev.postern.quirks.decision.Rule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Our decision against Linux's rule: {@code differences.tsv} lists every class of difference, and nothing else. */
final class DifferencesTest {

    private record Compared(InputSpace.Input input, List<CoarseAnswer.Difference> differences) {}

    private static Compared compare(InputSpace.Input input) {
        CoarseAnswer linux = CoarseAnswer.of(LinuxRule.of(input.sheet()), input);
        CoarseAnswer ours = CoarseAnswer.of(Answers.decide(input.given(), QuirkTable.shipped(), Rule.inOrder()));
        return new Compared(input, linux.unlike(ours));
    }

    @Test
    void everyDifferenceHasOneLineAndEveryLineADifference() throws IOException {
        List<DifferenceLine> lines = DifferenceLine.all();
        List<DifferenceLine.Cover> covers =
                lines.stream().map(DifferenceLine::cover).toList();
        // The decision is a pure function that any thread may call.
        List<Compared> all = InputSpace.inputs().parallelStream()
                .map(DifferencesTest::compare)
                .toList();
        int[] covered = new int[lines.size()];
        List<String> wrong = new ArrayList<>();
        for (Compared compared : all) {
            for (CoarseAnswer.Difference difference : compared.differences()) {
                List<DifferenceLine> by = new ArrayList<>();
                for (int i = 0; i < covered.length; i++) {
                    if (covers.get(i).covers(difference, compared.input().sheet())) {
                        by.add(lines.get(i));
                        covered[i]++;
                    }
                }
                if (by.size() != 1) {
                    wrong.add("%s: Linux %s, ours %s, for %s: %s"
                            .formatted(
                                    difference.part(),
                                    difference.linux(),
                                    difference.postern(),
                                    compared.input().words(),
                                    by.isEmpty() ? "no line" : by));
                }
            }
        }
        for (int i = 0; i < covered.length; i++) {
            if (covered[i] == 0) {
                wrong.add(lines.get(i) + " covers nothing");
            }
        }
        Files.write(Path.of("target/linux-differences.txt"), counts(all, lines, covered));
        assertTrue(
                wrong.isEmpty(),
                () -> "%d are wrong:%n%s"
                        .formatted(wrong.size(), String.join("\n", wrong.subList(0, Math.min(40, wrong.size())))));
    }

    /** How many inputs each line covers, for whoever reads the file. */
    private static List<String> counts(List<Compared> all, List<DifferenceLine> lines, int[] covered) {
        long equal = all.stream().filter(one -> one.differences().isEmpty()).count();
        List<String> counts = new ArrayList<>();
        counts.add("%d inputs compared, %d equal".formatted(all.size(), equal));
        for (int i = 0; i < covered.length; i++) {
            counts.add("%5d %s".formatted(covered[i], lines.get(i)));
        }
        return counts;
    }

    @Test
    void aLineCoversItsConditionAndWordsOnly() {
        DifferenceLine.Cover cover = DifferenceLine.parse(
                        "# a comment\nplan\txen=hvm|pv & port!=internal\tphysical|offset*\tgrants\twhy")
                .getFirst()
                .cover();
        FactSheet sheet = Sheets.of("xen=pv;port=external-facing");
        assertTrue(cover.covers(new CoarseAnswer.Difference("plan", "offset 0x10", "grants"), sheet));
        assertTrue(cover.covers(new CoarseAnswer.Difference("plan", "physical", "grants"), sheet));
        assertFalse(cover.covers(new CoarseAnswer.Difference("caches", "physical", "grants"), sheet));
        assertFalse(cover.covers(new CoarseAnswer.Difference("plan", "bounced over offset 0x10", "grants"), sheet));
        assertFalse(cover.covers(new CoarseAnswer.Difference("plan", "physical", "refused"), sheet));
        assertFalse(cover.covers(
                new CoarseAnswer.Difference("plan", "physical", "grants"), Sheets.of("port=external-facing")));
        assertFalse(cover.covers(new CoarseAnswer.Difference("plan", "physical", "grants"), Sheets.of("xen=pv")));
    }

    @Test
    void aLineThatCannotBeReadIsNamed() {
        assertEquals(
                "line 2 has 2 columns: give part, condition, Linux, Postern and reason, with tabs between",
                assertThrows(IllegalArgumentException.class, () -> DifferenceLine.parse("#\nplan\txen=pv"))
                        .getMessage());
        DifferenceLine misspelt = DifferenceLine.parse("plan\txenn=pv\ta\tb\tc").getFirst();
        assertEquals(
                "line 1: \"xenn=pv\" names no fact: give fact=word or fact!=word",
                assertThrows(IllegalArgumentException.class, misspelt::cover).getMessage());
        DifferenceLine impossible =
                DifferenceLine.parse("plan\txen=pvh\ta\tb\tc").getFirst();
        assertEquals(
                "line 1: xen cannot be \"pvh\": it is one of [none, hvm, pv]",
                assertThrows(IllegalArgumentException.class, impossible::cover).getMessage());
    }

    @Test
    void theInputsBringOutEveryKindOfAnswerOfLinux() {
        Map<String, Integer> plans = new TreeMap<>();
        for (InputSpace.Input input : InputSpace.inputs()) {
            plans.merge(
                    CoarseAnswer.of(LinuxRule.of(input.sheet()), input).plan().replaceAll("0x\\w+", "n"),
                    1,
                    Integer::sum);
        }
        assertTrue(
                plans.keySet()
                        .containsAll(List.of(
                                "refused",
                                "deferred",
                                "physical",
                                "offset n",
                                "table",
                                "translated",
                                "grants",
                                "page-translated",
                                "bounced over physical",
                                "bounced over translated",
                                "partly bounced over translated",
                                "partly unmappable over physical")),
                plans::toString);
    }
}
