package dev.postern.cli;

import dev.postern.cli.explain.Matrix;
import dev.postern.cli.report.MatrixDocument;
import dev.postern.cli.report.MatrixPicture;
import dev.postern.cli.report.Palette;
import dev.postern.quirks.PresetTable;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code postern quirks matrix}: what comes of every preset with every set of offered features. */
@Command(
        name = "matrix",
        description = "Draws what comes of every preset with every set of offered features.",
        sortOptions = false,
        footer = {"", "Without --device it is a modern disk on PCI, or what the preset says of devices."})
final class QuirksMatrixCommand implements Callable<Integer> {

    private static final int USUAL_WIDTH = 100;

    private final Streams streams;
    private final Map<String, String> environment;

    @Mixin
    private SituationOptions options = new SituationOptions();

    @Option(names = "--json", description = "One JSON document on standard output.")
    private boolean json;

    QuirksMatrixCommand(Streams streams, Map<String, String> environment) {
        this.streams = streams;
        this.environment = environment;
    }

    @Override
    public Integer call() {
        return new Answer(streams, MatrixDocument.SCHEMA, json ? Answer.Form.JSON : Answer.Form.TEXT).of(this::matrix);
    }

    private int matrix() {
        options.requireNoPlatform("quirks matrix");
        Matrix matrix = Matrix.of(PresetTable.shipped().names(), options::on, options.quirks(environment, streams));
        if (json) {
            streams.out().println(MatrixDocument.of(matrix, options.without()));
            return ExitStatus.DONE;
        }
        int width = TerminalWidth.of(streams.terminal(), environment);
        Palette palette = streams.terminal().colourOutput() ? Palette.COLOUR : Palette.PLAIN;
        MatrixPicture.lines(matrix, palette, width == TerminalWidth.UNLIMITED ? USUAL_WIDTH : width)
                .forEach(streams.out()::println);
        return ExitStatus.DONE;
    }
}
