package dev.postern.lab.evaluate;

import java.util.List;
import java.util.Objects;

/**
 * What came of a sweep, or of a shard of one. It holds no time and nothing of the computer: the same seed gives the same report.
 *
 * @param seed the seed of the sweep
 * @param shard which part it is
 * @param total how many cells the whole sweep has
 * @param table the rows that it was run with
 * @param cells results in the order of the cells
 * @param without rows that were taken away for the changes; empty when none were
 * @param changes cells that are different without those rows, in the order of the cells
 */
public record SweepReport(
        long seed,
        Shard shard,
        int total,
        SweptTable table,
        List<CellResult> cells,
        List<String> without,
        List<CellChange> changes) {

    /** Copies the lists. */
    public SweepReport {
        Objects.requireNonNull(shard);
        Objects.requireNonNull(table);
        cells = List.copyOf(cells);
        without = List.copyOf(without);
        changes = List.copyOf(changes);
    }

    /** Whether a cell is as none may be, with the rows that are there. */
    public boolean unacceptable() {
        return cells.stream().anyMatch(CellResult::unacceptable);
    }
}
