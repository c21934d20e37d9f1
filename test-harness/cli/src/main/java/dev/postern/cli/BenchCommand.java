package dev.postern.cli;

import dev.postern.cli.words.NameList;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code postern bench}: hands over to the benchmarks, which have a class path and a JVM of their own. The exit status is theirs.
 */
@Command(
        name = "bench",
        description = "Measures. Leave the computer alone meanwhile.",
        sortOptions = false,
        footer = {
            "",
            "  postern bench dma           what mapping costs over the bare copy",
            "  postern bench decide        what a decision costs over conditions that explain nothing",
            "  postern bench boot          a boot to its first sector over reading the command line alone",
            "  postern bench digest        a whole image through driver and device over a FileChannel",
            "  postern bench ring          a buffer through a virtqueue over a C peer that checks nothing",
            "  postern bench latency       how long a buffer takes at a fixed rate, over the same C peer",
            "  postern bench vhost-blk     a disk of QEMU's storage daemon over a C front-end, and bounced over direct",
            "  postern bench dma --quick"
        })
final class BenchCommand implements Callable<Integer> {

    /** The folder of the source tree, which the launcher tells. */
    static final String HOME = "postern.home";

    /** JMH 1.37 calls what the JDK warns of. */
    private static final String QUIET = "--sun-misc-unsafe-memory-access=allow";

    private static final String MAIN = "dev.postern.bench.Bench";
    private static final List<String> NAMES =
            List.of("dma", "decide", "boot", "digest", "ring", "latency", "vhost-blk");

    @Parameters(
            arity = "0..1",
            paramLabel = "NAME",
            description = "Which: dma, decide, boot, digest, ring, latency or vhost-blk.")
    private String name;

    @Option(names = "--quick", description = "Fewer cases and rounds, for a first impression.")
    private boolean quick;

    @Option(names = "--json", description = "One JSON document on standard output.")
    private boolean json;

    /** Made by the command line. */
    BenchCommand() {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        NameList benches = NameList.of("bench", NAMES);
        if (name == null) {
            throw new WrongCallException("no bench: write postern bench with one of " + String.join(", ", NAMES));
        }
        benches.require(name);
        List<String> line = new ArrayList<>(List.of(
                java().toString(),
                QUIET,
                "-D" + HOME + "=" + System.getProperty(HOME),
                "-cp",
                application().resolve("*").toString(),
                MAIN,
                name));
        if (quick) {
            line.add("--quick");
        }
        if (json) {
            line.add("--json");
        }
        return new ProcessBuilder(line).inheritIO().start().waitFor();
    }

    private static Path java() {
        return Path.of(System.getProperty("java.home"), "bin", "java");
    }

    private static Path application() {
        Path folder = Optional.ofNullable(System.getProperty(HOME))
                .map(home -> Path.of(home, "test-harness", "bench", "target", "app"))
                .orElseThrow(() -> new WrongCallException(
                        "the benchmarks are part of the source tree: start them with its launcher, ./postern bench "
                                + NAMES.getFirst()));
        if (!Files.isDirectory(folder)) {
            throw new WrongCallException(
                    "the benchmarks are not built: run mvn -pl test-harness/bench -am package in the source tree");
        }
        return folder;
    }
}
