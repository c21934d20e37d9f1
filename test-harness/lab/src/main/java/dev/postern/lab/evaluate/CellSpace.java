package dev.postern.lab.evaluate;

import dev.postern.quirks.decision.Strictness;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Every cell there is, in an order that stays: presets, then traits, strictness, and offers. Immutable. */
public final class CellSpace {

    private final List<Cell> cells;

    private CellSpace(List<Cell> cells) {
        this.cells = List.copyOf(cells);
    }

    /** Some cells, each once. */
    static CellSpace of(List<Cell> cells) {
        return new CellSpace(cells);
    }

    /** All that the emulated machine can be built as. */
    public static CellSpace ofEmulated() {
        List<OfferedFeatures> offers = OfferedFeatures.subsets().stream()
                .filter(EvaluatedMachine::canOffer)
                .toList();
        List<Cell> cells = new ArrayList<>();
        for (String preset : EvaluatedMachine.presets()) {
            for (DeviceTrait trait : DeviceTrait.values()) {
                for (Strictness strictness : Strictness.values()) {
                    offers.forEach(offered -> cells.add(new Cell(preset, offered, trait, strictness)));
                }
            }
        }
        return new CellSpace(cells);
    }

    /** The cells in order; an immutable list. */
    public List<Cell> cells() {
        return cells;
    }

    /** The cells of a shard, in order. */
    public List<Cell> cells(Shard shard) {
        List<Cell> some = new ArrayList<>();
        for (int i = shard.index() - 1; i < cells.size(); i += shard.count()) {
            some.add(cells.get(i));
        }
        return some;
    }

    /** The cell of an id; empty when there is none. */
    public Optional<Cell> cell(String id) {
        return cells.stream().filter(cell -> cell.id().equals(id)).findFirst();
    }
}
