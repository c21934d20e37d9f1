package dev.postern.cli;

import java.util.Map;
import picocli.CommandLine;

/** The {@code postern} command. */
public final class Main {

    private static final int HELP_WIDTH = 100;
    private static final String TRACE = "POSTERN_TRACE";

    private Main() {}

    /** Runs the command and ends the process with its {@link ExitStatus}. */
    public static void main(String[] args) {
        Map<String, String> environment = System.getenv();
        Streams streams = Streams.ofProcess(environment);
        int status = run(args, streams, environment);
        streams.out().flush();
        System.exit(status);
    }

    /**
     * Runs the command.
     *
     * @return its exit status
     */
    static int run(String[] args, Streams streams, Map<String, String> environment) {
        CommandLine line = line(streams, environment);
        line.setParameterExceptionHandler((wrong, _) -> report(WrongOption.explain(wrong), streams, environment));
        line.setExecutionExceptionHandler((thrown, _, _) -> report(thrown, streams, environment));
        try {
            return line.execute(args);
        } catch (Error | RuntimeException thrown) {
            return report(thrown, streams, environment);
        }
    }

    /** The command with all its subcommands, which nothing was asked of yet. */
    static CommandLine line(Streams streams, Map<String, String> environment) {
        return new CommandLine(new PosternCommand())
                .addSubcommand(new BootCommand(streams, environment))
                .addSubcommand(new BounceCommand(streams, environment))
                .addSubcommand(new ExplainCommand(streams, environment))
                .addSubcommand(QuirksCommand.line(streams, environment))
                .addSubcommand(new DoctorCommand(streams))
                .addSubcommand(new BenchCommand())
                .setExpandAtFiles(false)
                .setUsageHelpWidth(HELP_WIDTH)
                .setOut(new java.io.PrintWriter(streams.out(), true))
                .setErr(new java.io.PrintWriter(streams.err(), true))
                .setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
    }

    private static int report(Throwable thrown, Streams streams, Map<String, String> environment) {
        Failure failure = Failure.of(thrown);
        streams.err().println("postern: " + failure.message());
        if (environment.getOrDefault(TRACE, "").equals("1")) {
            thrown.printStackTrace(streams.err());
        }
        return failure.status();
    }
}
