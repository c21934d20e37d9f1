package dev.postern.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The script at the root, copied into a folder where it finds no JDK of this computer. */
@EnabledOnOs({OS.LINUX, OS.MAC})
class LauncherTest {

    private static final long LIMIT_SECONDS = 60;

    @TempDir
    private Path folder;

    @Test
    void anOldJavaEndsInOneLineThatSaysWhatToInstall() throws IOException, InterruptedException {
        Path jdk = jdk("17.0.15");
        Outcome outcome = launch(jdk, "");
        assertNotEquals(0, outcome.status());
        assertEquals(1, outcome.lines().size(), outcome.lines().toString());
        assertTrue(
                outcome.lines().getFirst().startsWith("postern: no JDK 25 or later found: install"),
                outcome.lines().toString());
        assertTrue(
                outcome.lines().getFirst().contains("openjdk-25-jdk"),
                outcome.lines().toString());
    }

    @Test
    void aNewJavaInJavaHomeIsTakenThoughAnOldOneIsOnPath() throws IOException, InterruptedException {
        Path old = jdk("17.0.15");
        Path current = jdk("25.0.1");
        Outcome outcome = launch(old, current.toString());
        // It gets as far as the build, for which the copy has nothing to build from.
        assertTrue(
                outcome.lines().stream()
                        .anyMatch(line -> line.startsWith("postern: building") || line.contains("no Maven on PATH")),
                outcome.lines().toString());
    }

    private record Outcome(int status, List<String> lines) {}

    private Outcome launch(Path onPath, String javaHome) throws IOException, InterruptedException {
        Path script = folder.resolve("postern");
        String text = Files.readString(Path.of("..", "..", "postern"));
        Files.writeString(script, text.replaceAll(" /(usr/lib/jvm|opt|Library)/", " " + folder + "/none/"));
        ProcessBuilder builder = new ProcessBuilder("sh", script.toString(), "--version");
        builder.environment().put("PATH", onPath.resolve("bin") + ":/usr/bin:/bin");
        builder.environment().put("HOME", folder.toString());
        builder.environment().put("JAVA_HOME", javaHome);
        builder.redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile());
        Process process = builder.start();
        try {
            assertTrue(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS), "the launcher hangs");
        } finally {
            process.destroyForcibly();
        }
        return new Outcome(process.exitValue(), Files.readAllLines(folder.resolve("output"), StandardCharsets.UTF_8));
    }

    /** A folder that looks like a JDK of some version, and is none. */
    private Path jdk(String version) throws IOException {
        Path home = folder.resolve("jdk-" + version);
        Path bin = Files.createDirectories(home.resolve("bin"));
        for (String program : List.of("java", "javac")) {
            Path file = Files.writeString(bin.resolve(program), "#!/bin/sh\nexit 1\n");
            assertTrue(file.toFile().setExecutable(true));
        }
        Files.writeString(home.resolve("release"), "JAVA_VERSION=\"%s\"\n".formatted(version));
        return home;
    }
}
