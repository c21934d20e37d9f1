package dev.postern.cli;

import picocli.CommandLine.Command;

/** {@code postern quirks}: what is known about platforms and devices, and what it is good for. */
@Command(
        name = "quirks",
        description = "Quirk rows and rules, and what comes of them.",
        synopsisSubcommandLabel = "COMMAND")
final class QuirksCommand implements Runnable {

    /** Made by the command line. */
    QuirksCommand() {}

    /** Without a command there is nothing to do. */
    @Override
    public void run() {
        throw new WrongCallException("no command: write postern quirks evaluate, or postern quirks --help");
    }
}
