package dev.postern.stress;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Runs the races under jcstress, each in JVMs of its own, and reads its verdict. With {@code -Pcampaign} each runs for much longer, and
 * with every mixture of interpreter and compilers.
 */
class StressTest {

    private static final boolean CAMPAIGN = Boolean.getBoolean("postern.campaign");
    private static final Path FOLDER = Path.of("target", "jcstress").toAbsolutePath();

    private static final String FOUND_OUT = "Both sleep: the fence is missing, and it shows.";
    private static final int ATTEMPTS = 5;
    private static final String JVM_ARGUMENTS = "-XX:+UseSerialGC --enable-native-access=ALL-UNNAMED";

    @Test
    void noForbiddenOutcomeIsSeen() throws Exception {
        String verdict = run("(Split|Packed)", "races", 2);
        assertTrue(verdict.contains("Failed tests: No matches."), verdict);
        assertTrue(verdict.contains("Error tests: No matches."), verdict);
        // All ten, or more with other modes of compilation.
        Matcher passed = Pattern.compile("All remaining tests: (\\d+) matching").matcher(verdict);
        assertTrue(passed.find() && Integer.parseInt(passed.group(1)) >= 10, verdict);
    }

    /** Without it a machine whose CPUs never reorder would pass anything. The outcome is rare, so it has several chances. */
    @Test
    void aMissingFenceIsFoundOut() throws Exception {
        assumeTrue(Runtime.getRuntime().availableProcessors() > 1, "one CPU alone never sees its stores out of order");
        String verdict = "";
        for (int attempt = 0; attempt < ATTEMPTS && !verdict.contains(FOUND_OUT); attempt++) {
            verdict = run("Unfenced", "sabotage", 4);
        }
        assertTrue(verdict.contains(FOUND_OUT), verdict);
    }

    /** One run; returns the verdict at its end. */
    private static String run(String tests, String name, int iterations) throws IOException, InterruptedException {
        Path folder = Files.createDirectories(FOLDER.resolve(name));
        Path log = folder.resolve("log.txt");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "org.openjdk.jcstress.Main",
                "-t",
                tests,
                "-r",
                folder.toString()));
        command.addAll(
                CAMPAIGN
                        ? List.of("-m", "default")
                        // One JVM and one mode a test, and somewhat less than a second of racing.
                        : List.of(
                                "-sc",
                                "false",
                                "-f",
                                "1",
                                "-iters",
                                "" + iterations,
                                "-time",
                                "400",
                                "-jvmArgs",
                                JVM_ARGUMENTS));
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        int status = process.waitFor();
        String said = Files.readString(log);
        int verdict = said.indexOf("RUN RESULTS:");
        assertTrue(status == 0 && verdict >= 0, said);
        return said.substring(verdict);
    }
}
