package dev.postern.lab.evaluate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Puts the shards of one sweep together. */
public final class ShardMerge {

    private ShardMerge() {}

    /**
     * The report of the whole sweep, as though it had been run at once.
     *
     * @param shards all of them, in any order
     * @throws IllegalArgumentException when they are not of one sweep, one is missing or there twice, or one has not the cells that it
     *     should; the message is one line with the remedy
     */
    public static SweepReport of(List<SweepReport> shards) {
        if (shards.isEmpty()) {
            throw new IllegalArgumentException("nothing to merge: give the documents of all shards");
        }
        SweepReport first = shards.getFirst();
        shards.forEach(shard -> requireSameSweep(first, shard));
        SweepReport[] inOrder = inOrder(shards, first.shard().count());
        List<CellResult> cells = new ArrayList<>(first.total());
        for (int i = 0; i < first.total(); i++) {
            cells.add(inOrder[i % inOrder.length].cells().get(i / inOrder.length));
        }
        return new SweepReport(
                first.seed(),
                Shard.WHOLE,
                first.total(),
                first.table(),
                requireOnce(cells),
                first.without(),
                changesInOrder(shards, cells));
    }

    private static void requireSameSweep(SweepReport one, SweepReport other) {
        requireSame("seed", one.seed(), other.seed(), other);
        requireSame("number of shards", one.shard().count(), other.shard().count(), other);
        requireSame("number of cells", one.total(), other.total(), other);
        requireSame("table of rows", one.table(), other.table(), other);
        requireSame("rows taken away", one.without(), other.without(), other);
        Shard shard = other.shard();
        int cells = (other.total() - shard.index() + shard.count()) / shard.count();
        if (other.cells().size() != cells) {
            throw new IllegalArgumentException("shard %s has %d cells of %d: run it again"
                    .formatted(shard, other.cells().size(), cells));
        }
    }

    private static void requireSame(String what, Object one, Object other, SweepReport shard) {
        if (!Objects.equals(one, other)) {
            throw new IllegalArgumentException(
                    "shard %s is of another sweep: its %s is %s, that of the first is %s; give shards of one sweep"
                            .formatted(shard.shard(), what, other, one));
        }
    }

    private static SweepReport[] inOrder(List<SweepReport> shards, int count) {
        SweepReport[] inOrder = new SweepReport[count];
        for (SweepReport shard : shards) {
            int place = shard.shard().index() - 1;
            if (inOrder[place] != null) {
                throw new IllegalArgumentException("shard %s is given twice: give each once".formatted(shard.shard()));
            }
            inOrder[place] = shard;
        }
        List<Integer> missing = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            if (inOrder[i] == null) {
                missing.add(i + 1);
            }
        }
        if (!missing.isEmpty()) {
            throw new IllegalArgumentException("of %d shards %s %s missing: run %s and give %s too"
                    .formatted(
                            count,
                            Arrays.toString(missing.toArray()),
                            missing.size() == 1 ? "is" : "are",
                            missing.size() == 1 ? "it" : "them",
                            missing.size() == 1 ? "its document" : "their documents"));
        }
        return inOrder;
    }

    private static List<CellResult> requireOnce(List<CellResult> cells) {
        Map<String, CellResult> seen = new HashMap<>();
        for (CellResult result : cells) {
            if (seen.put(result.cell().id(), result) != null) {
                throw new IllegalArgumentException(
                        "the cell %s is in two shards: they are of different versions, run them with one"
                                .formatted(result.cell().id()));
            }
        }
        return cells;
    }

    private static List<CellChange> changesInOrder(List<SweepReport> shards, List<CellResult> cells) {
        Map<Cell, Integer> places = new HashMap<>();
        cells.forEach(result -> places.put(result.cell(), places.size()));
        return shards.stream()
                .flatMap(shard -> shard.changes().stream())
                .sorted(Comparator.comparingInt((CellChange change) -> places.get(change.cell())))
                .toList();
    }
}
