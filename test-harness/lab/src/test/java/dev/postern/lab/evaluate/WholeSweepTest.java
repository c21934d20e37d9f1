package dev.postern.lab.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.lab.Seed;
import dev.postern.quirks.QuirkRow;
import dev.postern.quirks.QuirkTable;
import dev.postern.quirks.decision.ReservedFeature;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** All cells that there are. */
class WholeSweepTest {

    private static SweepReport report;

    @BeforeAll
    static void sweep() throws Exception {
        report = Sweep.of(Seed.value(), QuirkTable.shipped()).run(Shard.WHOLE, SweepProgress.NONE);
    }

    @Test
    void noCellLeaksOrCorruptsOrIsUnprotectedUnawares() {
        assertEquals(
                List.of(),
                report.cells().stream().filter(CellResult::unacceptable).toList(),
                Seed.words());
    }

    @Test
    void noCellFailsWhenTheGuestDecidesByItself() {
        assertEquals(
                List.of(),
                report.cells().stream()
                        .filter(result -> result.verdict() == Verdict.FAILS)
                        .toList(),
                Seed.words());
    }

    @Test
    void everyPresetHasACellThatWorks() {
        Set<String> working = report.cells().stream()
                .filter(result -> result.verdict() == Verdict.WORKS)
                .map(result -> result.cell().preset())
                .collect(Collectors.toSet());
        assertEquals(Set.copyOf(EvaluatedMachine.presets()), working);
    }

    /** Cells without VERSION_1 are refused before any row could matter. */
    @Test
    void everyRowMakesACellBetterOrItIsKnownWhyNot() throws Exception {
        List<CellResult> modern = report.cells().stream()
                .filter(result -> result.cell().offered().has(ReservedFeature.VERSION_1))
                .toList();
        Set<String> idle = new TreeSet<>();
        try (ImageFolder folder = ImageFolder.open()) {
            for (QuirkRow row : QuirkTable.shipped().rows()) {
                List<CellChange> changes = Sweep.of(Seed.value(), QuirkTable.shipped())
                        .without(Set.of(row.id()))
                        .changes(modern, folder.path(), SweepProgress.NONE);
                if (changes.stream().noneMatch(CellChange::worsened)) {
                    idle.add(row.id());
                }
            }
        }
        assertEquals(
                new TreeSet<>(RowsWithoutCells.shipped().reasons().keySet()),
                idle,
                "the file rows-without-cells.tsv has the rows without which no cell gets worse, and no others; "
                        + Seed.words());
    }

    @Test
    void everyReasonIsASentence() {
        RowsWithoutCells.shipped()
                .reasons()
                .forEach((row, reason) -> assertTrue(reason.matches("[A-Z].*\\."), row + ": " + reason));
    }
}
