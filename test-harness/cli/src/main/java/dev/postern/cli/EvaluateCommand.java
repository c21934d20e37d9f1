package dev.postern.cli;

import dev.postern.cli.report.CellProgressDisplay;
import dev.postern.cli.report.EvaluationDocument;
import dev.postern.cli.report.EvaluationLog;
import dev.postern.cli.report.EvaluationReader;
import dev.postern.cli.report.Palette;
import dev.postern.cli.words.NameList;
import dev.postern.lab.evaluate.Cell;
import dev.postern.lab.evaluate.CellResult;
import dev.postern.lab.evaluate.CellRun;
import dev.postern.lab.evaluate.CellSpace;
import dev.postern.lab.evaluate.ImageFolder;
import dev.postern.lab.evaluate.Shard;
import dev.postern.lab.evaluate.ShardMerge;
import dev.postern.lab.evaluate.Sweep;
import dev.postern.lab.evaluate.SweepProgress;
import dev.postern.lab.evaluate.SweepReport;
import dev.postern.quirks.QuirkRow;
import dev.postern.quirks.QuirkTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code postern quirks evaluate}: what comes of every decision when a device acts on it. */
@Command(
        name = "evaluate",
        description =
                "Decides for every preset and set of offered features, does real I/O on the emulated machine with no"
                        + " ledger, and judges by what the device did.",
        sortOptions = false,
        footer = {
            "",
            "Verdicts, the worst first:",
            "  leaks        the device read bytes that the decision keeps from it",
            "  corrupts     something reported as done has wrong bytes, or memory changed that no request named",
            "  unprotected  the device can read what the guest did not share, though something is there to prevent it",
            "  fails        requests or the bring-up fail, and the guest is told",
            "  refused      the guest leaves the device alone",
            "  works        every byte arrived",
            "A cell is PRESET/FEATURES/TRAIT/STRICTNESS; FEATURES are the first letters of VERSION_1,",
            "ACCESS_PLATFORM and ORDER_PLATFORM, or none; TRAIT is ordinary, narrow (drives 32 address bits) or",
            "external (in a port that faces outside); STRICTNESS is serve or strict.",
            "Exit status 1 when, with all rows, a cell leaks, corrupts, or is unprotected and the guest is not told.",
            "",
            "  postern quirks evaluate",
            "  postern quirks evaluate --without sev-snp",
            "  postern quirks evaluate --shard 2/4 --json > 2.json",
            "  postern quirks evaluate --merge 1.json 2.json 3.json 4.json",
            "  postern quirks evaluate --cell sev-snp/va/ordinary/serve --seed 1"
        })
final class EvaluateCommand implements Callable<Integer> {

    private static final long USUAL_SEED = 1;
    private static final int MOST_THREADS = 256;

    private final Streams streams;
    private final Map<String, String> environment;

    @Option(names = "--seed", paramLabel = "N", description = "Seed of the sweep; 1 unless said.")
    private String seed;

    @Option(
            names = "--without",
            paramLabel = "ROW",
            description = "Takes a quirk row away, and shows which cells change; repeat it to take several at once.")
    private List<String> without = List.of();

    @Option(names = "--cell", paramLabel = "ID", description = "Runs one cell alone and shows each step.")
    private String cell;

    @Option(names = "--shard", paramLabel = "I/N", description = "Runs cells I, I+N, I+2N ... alone.")
    private String shard;

    @Option(
            names = "--merge",
            paramLabel = "FILE",
            arity = "1..*",
            description = "Puts the JSON documents of all shards together, as though run at once.")
    private List<Path> merge = List.of();

    @Option(names = "--threads", paramLabel = "N", description = "Cells that run at once: 2 unless said.")
    private String threads;

    @Option(names = "--json", description = "One JSON document on standard output.")
    private boolean json;

    EvaluateCommand(Streams streams, Map<String, String> environment) {
        this.streams = streams;
        this.environment = environment;
    }

    @Override
    public Integer call() throws IOException {
        if (!merge.isEmpty()) {
            return merged();
        }
        QuirkTable table = LocalRows.table(environment, streams);
        without.forEach(row -> requireRow(row, table));
        return cell == null ? swept(table) : alone(table);
    }

    private int merged() {
        if (cell != null || shard != null || seed != null || threads != null || !without.isEmpty()) {
            throw new WrongCallException(
                    "--merge takes seed, rows and cells from the documents: give it with --json alone");
        }
        String version = version();
        List<SweepReport> shards = merge.stream()
                .map(file -> new EvaluationReader(file, version).read())
                .toList();
        try {
            return report(ShardMerge.of(shards));
        } catch (IllegalArgumentException e) {
            throw new WrongCallException(e.getMessage());
        }
    }

    private int swept(QuirkTable table) throws IOException {
        CellSpace space = CellSpace.ofEmulated();
        Sweep sweep = new Sweep(space, seed(), table, new LinkedHashSet<>(without), threads());
        Shard part = shard(space);
        if (streams.terminal().errors() != Terminal.Kind.TERMINAL) {
            return report(run(sweep, part, SweepProgress.NONE));
        }
        SweepReport report;
        try (CellProgressDisplay progress = new CellProgressDisplay(streams.err(), width())) {
            report = run(sweep, part, progress);
        }
        return report(report);
    }

    private static SweepReport run(Sweep sweep, Shard part, SweepProgress progress) throws IOException {
        try {
            return sweep.run(part, progress);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted before all cells were run", e);
        }
    }

    private int report(SweepReport report) {
        if (json) {
            streams.out().println(EvaluationDocument.of(report, version()));
        } else {
            log().print(report);
        }
        return report.unacceptable() ? ExitStatus.FAILED : ExitStatus.DONE;
    }

    private int alone(QuirkTable table) throws IOException {
        if (shard != null || threads != null) {
            throw new WrongCallException("--cell runs one cell: leave --shard and --threads out");
        }
        Cell chosen = chosen();
        QuirkTable less = table;
        for (String row : Set.copyOf(without)) {
            less = less.without(row);
        }
        List<String> trace = new ArrayList<>();
        CellResult result;
        try (ImageFolder folder = ImageFolder.open()) {
            result = new CellRun(less, folder.path(), trace::add).run(chosen, seed());
        }
        if (json) {
            streams.out().println(EvaluationDocument.of(result, seed(), without, trace, version()));
        } else {
            log().print(result, trace);
        }
        return result.unacceptable() ? ExitStatus.FAILED : ExitStatus.DONE;
    }

    private EvaluationLog log() {
        Palette palette = streams.terminal().colourOutput() ? Palette.COLOUR : Palette.PLAIN;
        return new EvaluationLog(streams.out(), palette, width());
    }

    private int width() {
        return TerminalWidth.of(streams.terminal(), environment);
    }

    private static void requireRow(String row, QuirkTable table) {
        if (table.row(row).isEmpty()) {
            List<String> ids = table.rows().stream().map(QuirkRow::id).toList();
            throw new WrongCallException(
                    "no quirk row '%s': %spostern quirks list shows them".formatted(row, didYouMean("row", ids, row)));
        }
    }

    private Cell chosen() {
        CellSpace space = CellSpace.ofEmulated();
        return space.cell(cell)
                .orElseThrow(() ->
                        new WrongCallException("no cell '%s': %sgive PRESET/FEATURES/TRAIT/STRICTNESS, such as %s"
                                .formatted(
                                        cell,
                                        didYouMean(
                                                "cell",
                                                space.cells().stream()
                                                        .map(Cell::id)
                                                        .toList(),
                                                cell),
                                        space.cells().getFirst().id())));
    }

    private static String didYouMean(String what, List<String> names, String word) {
        return NameList.of(what, names)
                .nearest(word)
                .map(name -> "did you mean '" + name + "'? ")
                .orElse("");
    }

    private Shard shard(CellSpace space) {
        if (shard == null) {
            return Shard.WHOLE;
        }
        Shard part;
        try {
            part = Shard.parse(shard);
        } catch (IllegalArgumentException e) {
            throw new WrongCallException("--" + e.getMessage());
        }
        if (part.count() > space.cells().size()) {
            throw new WrongCallException("--shard %s: there are %d cells, and no more shards than that"
                    .formatted(part, space.cells().size()));
        }
        return part;
    }

    private long seed() {
        if (seed == null) {
            return USUAL_SEED;
        }
        try {
            return Long.parseLong(seed);
        } catch (NumberFormatException e) {
            throw new WrongCallException(
                    "--seed '%s' is no whole number of 64 bits: give one such as 7".formatted(seed));
        }
    }

    private int threads() {
        if (threads == null) {
            return Sweep.USUAL_THREADS;
        }
        int count = threads.matches("[0-9]{1,4}") ? Integer.parseInt(threads) : 0;
        if (count < 1 || count > MOST_THREADS) {
            throw new WrongCallException("--threads '%s': give a number from 1 to %d".formatted(threads, MOST_THREADS));
        }
        return count;
    }

    private static String version() {
        return new PosternCommand.ModuleVersion().getVersion()[0];
    }
}
