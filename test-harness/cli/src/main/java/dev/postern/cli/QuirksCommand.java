package dev.postern.cli;

import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code postern quirks}: the rows and rules of the decision, to be looked up, checked and tried. */
@Command(
        name = "quirks",
        description = "Looks up, checks and tries the quirk rows and rules that decide how devices reach memory.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "  postern quirks list",
            "  postern quirks show pseries-svm",
            "  postern quirks match --platform arm-pool --device blk",
            "  postern quirks matrix",
            "  postern quirks evaluate --without arm-not-snooped"
        })
final class QuirksCommand implements Runnable {

    private QuirksCommand() {}

    /** The command with all that is under it. */
    static CommandLine line(Streams streams, Map<String, String> environment) {
        return new CommandLine(new QuirksCommand())
                .addSubcommand(new QuirksListCommand(streams, environment))
                .addSubcommand(new QuirksShowCommand(streams, environment))
                .addSubcommand(new QuirksLintCommand(streams, environment))
                .addSubcommand(new QuirksMatchCommand(streams, environment))
                .addSubcommand(new QuirksMatrixCommand(streams, environment))
                .addSubcommand(new EvaluateCommand(streams, environment));
    }

    /** Without a command under it there is nothing to do. */
    @Override
    public void run() {
        throw new WrongCallException(
                "no quirks command: write postern quirks list, show, lint, match, matrix or evaluate, or postern"
                        + " quirks --help");
    }
}
