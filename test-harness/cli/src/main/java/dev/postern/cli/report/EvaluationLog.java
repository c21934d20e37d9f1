package dev.postern.cli.report;

import dev.postern.lab.evaluate.CellChange;
import dev.postern.lab.evaluate.CellResult;
import dev.postern.lab.evaluate.RowsWithoutCells;
import dev.postern.lab.evaluate.SweepReport;
import dev.postern.lab.evaluate.Verdict;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** A sweep for a person: a picture, and below it the cells that one should look at. */
public final class EvaluationLog {

    private static final int MOST_CELLS = 10;
    private static final int MOST_CHANGES = 30;

    private final PrintStream out;
    private final Palette palette;
    private final int width;
    private final LabelledLines lines;

    /**
     * A log.
     *
     * @param width columns of the terminal
     */
    public EvaluationLog(PrintStream out, Palette palette, int width) {
        this.out = out;
        this.palette = palette;
        this.width = width;
        lines = new LabelledLines(out, palette);
    }

    /** Prints a sweep, and what is different without some rows when that was asked for. */
    public void print(SweepReport report) {
        lines.words(
                "evaluate",
                "%d of %d cells, seed %d, %d quirk rows"
                        .formatted(
                                report.cells().size(),
                                report.total(),
                                report.seed(),
                                report.table().rows()));
        lines.words("verdicts", counts(report));
        new EvaluationPicture(report.cells(), palette).print(out, width);
        out.println();
        out.println(CellSymbol.legend(palette));
        printWorst(report);
        if (!report.without().isEmpty()) {
            printChanges(report);
        }
    }

    /** Prints one cell that was run alone. */
    public void print(CellResult result, List<String> trace) {
        trace.forEach(line -> out.println("  " + line));
        lines.words("cell", "%s, its own seed %d".formatted(result.cell().id(), result.seed()));
        lines.words("plan", result.plan());
        lines.words("rows", result.rows().isEmpty() ? "none changed a fact" : String.join(", ", result.rows()));
        CellSymbol symbol = CellSymbol.of(result);
        lines.line("verdict", symbol.in(palette) + " " + symbol.words());
        result.evidence().forEach(line -> lines.words("", line));
    }

    private static String counts(SweepReport report) {
        List<String> counts = new ArrayList<>();
        for (CellSymbol symbol : CellSymbol.values()) {
            long cells = report.cells().stream()
                    .filter(result -> CellSymbol.of(result) == symbol)
                    .count();
            if (cells > 0) {
                counts.add(cells + " " + symbol.words());
            }
        }
        return String.join("; ", counts);
    }

    private void printWorst(SweepReport report) {
        List<CellResult> worst = report.cells().stream()
                .filter(result -> result.verdict().worseThan(Verdict.REFUSED))
                .sorted(Comparator.comparing((CellResult result) -> !result.unacceptable())
                        .thenComparing(CellResult::verdict))
                .toList();
        if (worst.isEmpty()) {
            return;
        }
        out.println();
        for (CellResult result : worst.subList(0, Math.min(worst.size(), MOST_CELLS))) {
            lines.words("look at", result.cell().id() + ", " + result.plan());
            lines.words("", evidence(result));
            lines.line("", palette.faint(command(result, report)));
        }
        if (worst.size() > MOST_CELLS) {
            lines.words("", "and %d more cells, which --json shows".formatted(worst.size() - MOST_CELLS));
        }
    }

    private void printChanges(SweepReport report) {
        List<CellChange> changes = report.changes().stream()
                .sorted(Comparator.comparing((CellChange change) -> !change.worsened())
                        .thenComparing(change -> change.without().verdict()))
                .toList();
        out.println();
        lines.words(
                "without",
                "%s: %d cells change, %d of them for the worse"
                        .formatted(
                                String.join(", ", report.without()),
                                changes.size(),
                                changes.stream().filter(CellChange::worsened).count()));
        if (changes.stream().noneMatch(CellChange::worsened)) {
            RowsWithoutCells known = RowsWithoutCells.shipped();
            for (String row : report.without()) {
                lines.words(row, known.reason(row).orElse("no reason is known why no cell gets worse without it"));
            }
        }
        for (CellChange change : changes.subList(0, Math.min(changes.size(), MOST_CHANGES))) {
            lines.words(
                    change.worsened() ? "worse" : "other",
                    "%s: %s, %s -> %s, %s"
                            .formatted(
                                    change.cell().id(),
                                    change.with().verdict().word(),
                                    change.with().plan(),
                                    change.without().verdict().word(),
                                    change.without().plan()));
            if (change.worsened()) {
                lines.words("", evidence(change.without()));
                lines.line(
                        "",
                        palette.faint(command(change.with(), report) + " --without "
                                + String.join(" --without ", report.without())));
            }
        }
        if (changes.size() > MOST_CHANGES) {
            lines.words("", "and %d more, which --json shows".formatted(changes.size() - MOST_CHANGES));
        }
    }

    private static String evidence(CellResult result) {
        return result.evidence().isEmpty()
                ? "every byte arrived"
                : result.evidence().getFirst();
    }

    private static String command(CellResult result, SweepReport report) {
        return "postern quirks evaluate --cell %s --seed %d"
                .formatted(result.cell().id(), report.seed());
    }
}
