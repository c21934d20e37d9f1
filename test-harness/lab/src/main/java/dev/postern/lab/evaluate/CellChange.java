package dev.postern.lab.evaluate;

/**
 * What became of a cell when rows were taken away.
 *
 * @param with its result with all rows
 * @param without its result without some
 */
public record CellChange(CellResult with, CellResult without) {

    /** Both are results of one cell, with the same seed. */
    public CellChange {
        if (!with.cell().equals(without.cell()) || with.seed() != without.seed()) {
            throw new IllegalArgumentException("%s and %s are not one cell"
                    .formatted(with.cell().id(), without.cell().id()));
        }
    }

    /** Which cell. */
    public Cell cell() {
        return with.cell();
    }

    /** Whether anything changed that a user sees: the verdict or the plan. */
    public boolean changed() {
        return with.verdict() != without.verdict()
                || !with.awareness().equals(without.awareness())
                || !with.plan().equals(without.plan());
    }

    /** Whether the rows were of use to the cell. */
    public boolean worsened() {
        return without.verdict().worseThan(with.verdict())
                || with.verdict() == without.verdict() && without.unacceptable() && !with.unacceptable();
    }
}
