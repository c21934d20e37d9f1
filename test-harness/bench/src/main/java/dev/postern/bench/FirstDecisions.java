package dev.postern.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The first decision in fresh JVMs, in turns with the bare one.
 *
 * @param rounds how many of each
 */
record FirstDecisions(int rounds) {

    /** Measures one work, in nanoseconds. */
    Paired measure(DecideWork work) throws IOException, InterruptedException {
        List<Double> works = new ArrayList<>();
        List<Double> bares = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            bares.add(once("bare"));
            works.add(once(work.method()));
        }
        return Paired.of(works, bares);
    }

    private static double once(String method) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        FirstDecision.class.getName(),
                        method)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        int status = process.waitFor();
        if (status != 0) {
            throw new IOException("the first decision ended with status %d: its reason is above".formatted(status));
        }
        return Double.parseDouble(said);
    }
}
