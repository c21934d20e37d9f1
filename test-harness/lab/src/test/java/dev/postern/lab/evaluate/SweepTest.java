package dev.postern.lab.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.quirks.QuirkTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Sweeps of a few cells, in parts and in whole. */
class SweepTest {

    private static final long SEED = 7;

    /** Some of each verdict, on presets that fail in different ways without their row. */
    private static final List<String> CELLS = List.of(
            "plain/va/ordinary/serve",
            "plain/v/narrow/serve",
            "plain/va/external/strict",
            "sev/va/ordinary/serve",
            "sev/v/ordinary/strict",
            "tdx/vao/ordinary/serve",
            "cca/v/narrow/serve");

    private static CellSpace some() {
        CellSpace all = CellSpace.ofEmulated();
        return CellSpace.of(CELLS.stream().map(id -> all.cell(id).orElseThrow()).toList());
    }

    private static SweepReport run(Shard shard, int threads, String... without)
            throws IOException, InterruptedException {
        return new Sweep(some(), SEED, QuirkTable.shipped(), Set.of(without), threads).run(shard, SweepProgress.NONE);
    }

    private static List<SweepReport> shards(int count) throws IOException, InterruptedException {
        List<SweepReport> shards = new ArrayList<>();
        for (int index = count; index >= 1; index--) {
            shards.add(run(new Shard(index, count), 2, "sev"));
        }
        return shards;
    }

    @Test
    void theSameSeedGivesTheSameReportWithAnyNumberOfThreads() throws Exception {
        SweepReport one = run(Shard.WHOLE, 1, "sev");
        assertEquals(one, run(Shard.WHOLE, 3, "sev"));
        assertEquals(
                CELLS, one.cells().stream().map(result -> result.cell().id()).toList());
        assertNotEquals(
                one.cells().getFirst().seed(),
                new Sweep(some(), SEED + 1, QuirkTable.shipped(), Set.of(), 1)
                        .run(new Shard(1, CELLS.size()), SweepProgress.NONE)
                        .cells()
                        .getFirst()
                        .seed());
    }

    @Test
    void aCellThatIsRunAloneGivesWhatItGaveInTheSweep() throws Exception {
        SweepReport whole = run(Shard.WHOLE, 2);
        List<String> trace = new ArrayList<>();
        try (ImageFolder folder = ImageFolder.open()) {
            CellResult alone = new CellRun(QuirkTable.shipped(), folder.path(), trace::add)
                    .run(whole.cells().get(3).cell(), SEED);
            assertEquals(whole.cells().get(3), alone);
        }
        assertTrue(trace.stream().anyMatch(line -> line.endsWith(": done")), trace.toString());
        assertTrue(trace.stream().anyMatch(line -> line.contains("rules, in order")), trace.toString());
    }

    @Test
    void shardsPutTogetherAreTheWholeWhateverTheirOrder() throws Exception {
        SweepReport whole = run(Shard.WHOLE, 2, "sev");
        assertFalse(whole.changes().isEmpty(), "nothing changes without its row");
        for (int count : new int[] {1, 2, 3, 7}) {
            assertEquals(whole, ShardMerge.of(shards(count)), count + " shards");
        }
    }

    @Test
    void aShardHasItsCellsAndNoOthers() throws Exception {
        SweepReport second = run(new Shard(2, 3), 2);
        assertEquals(
                List.of(CELLS.get(1), CELLS.get(4)),
                second.cells().stream().map(result -> result.cell().id()).toList());
        assertEquals(CELLS.size(), second.total());
    }

    @Test
    void shardsThatAreNotOneSweepAreNotPutTogether() throws Exception {
        SweepReport first = run(new Shard(1, 2), 2);
        SweepReport second = run(new Shard(2, 2), 2);
        assertRefused("of 2 shards [2] is missing", List.of(first));
        assertRefused("shard 1/2 is given twice", List.of(first, first, second));
        assertRefused("nothing to merge", List.of());
        assertRefused("its number of shards is 3", List.of(first, run(new Shard(2, 3), 2)));
        assertRefused("its rows taken away is [sev]", List.of(first, run(new Shard(2, 2), 2, "sev")));
        assertRefused(
                "its seed is 8",
                List.of(
                        first,
                        new Sweep(some(), 8, QuirkTable.shipped(), Set.of(), 2)
                                .run(new Shard(2, 2), SweepProgress.NONE)));
        assertRefused(
                "its table of rows is",
                List.of(
                        first,
                        new Sweep(some(), SEED, QuirkTable.empty(), Set.of(), 2)
                                .run(new Shard(2, 2), SweepProgress.NONE)));
        assertRefused(
                "shard 2/2 has 2 cells of 3",
                List.of(
                        first,
                        new SweepReport(
                                SEED,
                                second.shard(),
                                second.total(),
                                second.table(),
                                second.cells().subList(0, 2),
                                List.of(),
                                List.of())));
        assertRefused(
                "is in two shards",
                List.of(
                        first,
                        new SweepReport(
                                SEED,
                                second.shard(),
                                second.total(),
                                second.table(),
                                first.cells().subList(0, 3),
                                List.of(),
                                List.of())));
    }

    private static void assertRefused(String part, List<SweepReport> shards) {
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> ShardMerge.of(shards));
        assertTrue(refused.getMessage().contains(part), refused.getMessage());
        assertFalse(refused.getMessage().contains("\n"), refused.getMessage());
    }

    @Test
    void withoutItsRowAPresetFailsAndTheOthersAreAsBefore() throws Exception {
        SweepReport report = run(Shard.WHOLE, 2, "sev");
        assertEquals(
                List.of("sev/va/ordinary/serve", "sev/v/ordinary/strict"),
                report.changes().stream().map(change -> change.cell().id()).toList());
        for (CellChange change : report.changes()) {
            assertTrue(change.worsened(), change.toString());
            assertEquals(Verdict.FAILS, change.without().verdict(), change.toString());
            assertEquals("Direct", change.without().plan());
        }
        assertFalse(report.unacceptable());
    }

    @Test
    void progressCountsEveryRunAndEndsAtTheTotal() throws Exception {
        List<String> seen = new ArrayList<>();
        new Sweep(some(), SEED, QuirkTable.shipped(), Set.of("sev"), 2)
                .run(Shard.WHOLE, (done, total) -> seen.add(done + "/" + total));
        assertEquals(List.of("1/7", "2/7", "3/7", "4/7", "5/7", "6/7", "7/7", "8/9", "9/9"), seen);
    }

    @Test
    void everyCellHasAnIdAndASeedOfItsOwn() {
        List<Cell> cells = CellSpace.ofEmulated().cells();
        Set<Object> ids = new HashSet<>();
        Set<Object> seeds = new HashSet<>();
        for (Cell cell : cells) {
            assertTrue(ids.add(cell.id()), cell.id());
            assertTrue(seeds.add(cell.seed(1)), cell.id());
            assertTrue(cell.seed(1) >>> 48 == 0, cell.id());
            assertNotEquals(cell.seed(1), cell.seed(2), cell.id());
        }
        assertEquals(cells.size(), ids.size());
    }

    @Test
    void everyPresetMeetsEveryOfferTraitAndStrictness() {
        List<Cell> cells = CellSpace.ofEmulated().cells();
        assertEquals(EvaluatedMachine.presets().size() * 8 * DeviceTrait.values().length * 2, cells.size());
    }

    @Test
    void aShardThatIsNoneIsRefused() {
        for (String text : List.of("", "0/4", "5/4", "1", "1/0", "-1/4", "a/b", "1/4/2", "1/99999999")) {
            IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> Shard.parse(text));
            assertTrue(refused.getMessage().contains("such as 2/4"), refused.getMessage());
        }
        assertEquals(new Shard(2, 4), Shard.parse("2/4"));
    }

    @Test
    void aRowThatIsNotThereCannotBeTakenAway() {
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class, () -> new Sweep(some(), SEED, QuirkTable.shipped(), Set.of("sevv"), 1));
        assertTrue(refused.getMessage().contains("\"sevv\""), refused.getMessage());
    }
}
