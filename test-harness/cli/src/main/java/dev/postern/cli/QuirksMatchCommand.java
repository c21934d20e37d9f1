package dev.postern.cli;

import dev.postern.cli.explain.Situation;
import dev.postern.cli.report.MatchDocument;
import dev.postern.cli.report.MatchLog;
import dev.postern.cli.report.Palette;
import dev.postern.quirks.Corrected;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code postern quirks match}: which rows match a device on a platform, and what they set. */
@Command(
        name = "match",
        description = "Shows which rows match a device on a platform, in order, and what they set.",
        sortOptions = false)
final class QuirksMatchCommand implements Callable<Integer> {

    private final Streams streams;
    private final Map<String, String> environment;

    @Mixin
    private SituationOptions options = new SituationOptions();

    @Option(names = "--json", description = "One JSON document on standard output.")
    private boolean json;

    QuirksMatchCommand(Streams streams, Map<String, String> environment) {
        this.streams = streams;
        this.environment = environment;
    }

    @Override
    public Integer call() {
        return new Answer(streams, MatchDocument.SCHEMA, json ? Answer.Form.JSON : Answer.Form.TEXT).of(this::match);
    }

    private int match() {
        Situation situation = options.situation(environment, streams);
        Corrected corrected = corrected(situation);
        if (json) {
            streams.out().println(MatchDocument.of(situation, corrected));
        } else {
            Palette palette = streams.terminal().colourOutput() ? Palette.COLOUR : Palette.PLAIN;
            new MatchLog(streams.out(), palette).print(situation, corrected);
        }
        return ExitStatus.DONE;
    }

    /** A row of the user's own may set what cannot be, such as a number that another fact is too large for. */
    private static Corrected corrected(Situation situation) {
        try {
            return situation.quirks().correct(situation.question().facts());
        } catch (IllegalArgumentException e) {
            throw new WrongCallException(e.getMessage());
        }
    }
}
