package dev.postern.cli;

import java.util.Map;
import picocli.CommandLine;

/**
 * Reads a command line into the same commands as {@link Main} does, and ends: what a start costs before there is any work.
 * {@code postern bench boot} puts a whole boot beside it.
 */
public final class ParseMain {

    private ParseMain() {}

    /** Reads the words and ends the process: 0 when they name a command, 2 when they are wrong. */
    public static void main(String[] args) {
        Map<String, String> environment = System.getenv();
        Streams streams = Streams.ofProcess(environment);
        System.exit(read(args, streams, environment));
    }

    /** Reads the words, and does nothing that they ask for. */
    static int read(String[] args, Streams streams, Map<String, String> environment) {
        try {
            return Main.line(streams, environment).parseArgs(args).hasSubcommand()
                    ? ExitStatus.DONE
                    : ExitStatus.WRONG_CALL;
        } catch (CommandLine.ParameterException wrong) {
            streams.err().println("postern: " + WrongOption.explain(wrong).getMessage());
            return ExitStatus.WRONG_CALL;
        }
    }
}
