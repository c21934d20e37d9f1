package dev.postern.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;

/** What is common to all commands. */
@Command(
        name = "postern",
        description = "A guest-side virtio driver stack, and the machines to boot it on.",
        synopsisSubcommandLabel = "COMMAND",
        versionProvider = PosternCommand.ModuleVersion.class,
        footer = {
            "",
            "Exit status: 0 done, 1 the guest or a device failed, 2 the call was wrong.",
            "NO_COLOR=1 turns colour off, POSTERN_TRACE=1 adds the trace of an error.",
            "POSTERN_QUIRKS=FOLDER adds quirk rows of your own to explain and quirks."
        })
final class PosternCommand implements Runnable {

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this, or what a command takes.",
            scope = picocli.CommandLine.ScopeType.INHERIT)
    private boolean help;

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Shows the version.")
    private boolean version;

    /** Without a command there is nothing to do. */
    @Override
    public void run() {
        throw new WrongCallException(
                "no command: write postern boot, postern bounce, postern explain, postern quirks, postern doctor, or"
                        + " postern --help");
    }

    /** The version that the build wrote into the module. */
    static final class ModuleVersion implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getModule().isNamed()
                    ? Main.class.getModule().getDescriptor().rawVersion().orElse("unknown")
                    : "unknown";
            return new String[] {"postern " + version};
        }
    }
}
