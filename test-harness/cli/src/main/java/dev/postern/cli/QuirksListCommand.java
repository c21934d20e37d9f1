package dev.postern.cli;

import dev.postern.cli.report.Palette;
import dev.postern.cli.report.QuirkListing;
import dev.postern.cli.report.QuirksDocument;
import dev.postern.quirks.QuirkTable;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code postern quirks list}: every row and rule, by file. */
@Command(name = "list", description = "Lists every rule and row in the order in which they are tried, by file.")
final class QuirksListCommand implements Callable<Integer> {

    private final Streams streams;
    private final Map<String, String> environment;

    @Option(names = "--json", description = "One JSON document on standard output.")
    private boolean json;

    QuirksListCommand(Streams streams, Map<String, String> environment) {
        this.streams = streams;
        this.environment = environment;
    }

    @Override
    public Integer call() {
        QuirkTable table = LocalRows.table(environment, streams);
        if (json) {
            streams.out().println(QuirksDocument.of(table));
        } else {
            Palette palette = streams.terminal().colourOutput() ? Palette.COLOUR : Palette.PLAIN;
            QuirkListing.of(table, palette, TerminalWidth.of(streams.terminal(), environment))
                    .forEach(streams.out()::println);
        }
        return ExitStatus.DONE;
    }
}
