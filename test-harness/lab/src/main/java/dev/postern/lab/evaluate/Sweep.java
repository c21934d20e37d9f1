package dev.postern.lab.evaluate;

import dev.postern.quirks.QuirkTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Runs cells, some at a time, and puts their results in order.
 *
 * @param space every cell there is
 * @param seed of the sweep; the seed of each cell follows from it
 * @param table the rows to run with
 * @param without ids of rows to take away for a second run of the cells that they matter to; none for one run
 * @param threads how many cells are run at once, 1 or more
 */
public record Sweep(CellSpace space, long seed, QuirkTable table, Set<String> without, int threads) {

    /** Two: a cell keeps one processor busy. */
    public static final int USUAL_THREADS = 2;

    /** Checks the range and that the rows are there, and copies the set in its order. */
    public Sweep {
        if (threads < 1) {
            throw new IllegalArgumentException("%d threads run nothing: give 1 or more".formatted(threads));
        }
        without = Collections.unmodifiableSet(new LinkedHashSet<>(without));
        without.forEach(id -> {
            if (table.row(id).isEmpty()) {
                throw new IllegalArgumentException(
                        "no quirk row is called \"%s\": quirks list shows them".formatted(id));
            }
        });
    }

    /** A sweep of all that the emulated machine can be built as, in one run with the usual threads. */
    public static Sweep of(long seed, QuirkTable table) {
        return new Sweep(CellSpace.ofEmulated(), seed, table, Set.of(), USUAL_THREADS);
    }

    /** The same with a second run of the cells that some rows matter to, without those rows. */
    public Sweep without(Set<String> rows) {
        return new Sweep(space, seed, table, rows, threads);
    }

    /**
     * Runs a part of it.
     *
     * @param progress told on this thread
     * @throws IOException when images of disks cannot be made
     * @throws InterruptedException when this thread is to stop; the cells that run are finished first
     */
    public SweepReport run(Shard shard, SweepProgress progress) throws IOException, InterruptedException {
        try (ImageFolder folder = ImageFolder.open()) {
            List<Cell> cells = space.cells(shard);
            List<CellResult> results = runAll(cells, table, folder.path(), progress, 0, cells.size());
            List<CellChange> changes = without.isEmpty() ? List.of() : changes(results, folder.path(), progress);
            return new SweepReport(
                    seed, shard, space.cells().size(), SweptTable.of(table), results, List.copyOf(without), changes);
        }
    }

    /** Where a row changed no fact it cannot change what comes of the cell: the decision is a function of facts. */
    List<CellChange> changes(List<CellResult> results, Path folder, SweepProgress progress)
            throws IOException, InterruptedException {
        List<CellResult> touched = results.stream()
                .filter(result -> new HashSet<>(result.rows()).removeAll(without))
                .toList();
        QuirkTable less = table;
        for (String row : without) {
            less = less.without(row);
        }
        List<CellResult> others = runAll(
                touched.stream().map(CellResult::cell).toList(),
                less,
                folder,
                progress,
                results.size(),
                results.size() + touched.size());
        List<CellChange> changes = new ArrayList<>();
        for (int i = 0; i < touched.size(); i++) {
            CellChange change = new CellChange(touched.get(i), others.get(i));
            if (change.changed()) {
                changes.add(change);
            }
        }
        return changes;
    }

    private List<CellResult> runAll(
            List<Cell> cells, QuirkTable rows, Path folder, SweepProgress progress, int before, int total)
            throws IOException, InterruptedException {
        List<CellResult> results = new ArrayList<>();
        try (ExecutorService workers = Executors.newFixedThreadPool(threads)) {
            CellRun run = new CellRun(rows, folder, _ -> {});
            List<Future<CellResult>> all = cells.stream()
                    .map(cell -> workers.submit(() -> run.run(cell, seed)))
                    .toList();
            try {
                for (Future<CellResult> one : all) {
                    results.add(one.get());
                    progress.advance(before + results.size(), total);
                }
            } catch (ExecutionException e) {
                workers.shutdownNow();
                throw asThrown(e.getCause());
            } catch (InterruptedException e) {
                workers.shutdownNow();
                throw e;
            }
        }
        return results;
    }

    private static IOException asThrown(Throwable cause) {
        return switch (cause) {
            case IOException failed -> failed;
            case RuntimeException failed -> throw failed;
            case Error failed -> throw failed;
            default -> throw new IllegalStateException(cause);
        };
    }
}
