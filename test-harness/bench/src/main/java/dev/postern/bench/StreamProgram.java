package dev.postern.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A program that goes through an image and prints how long that took it.
 *
 * @param words the program and what it is called with
 * @param awaited what it must print, so that a wrong or a shorter way through is noticed
 */
record StreamProgram(List<String> words, String awaited) {

    /** The first of them in the document of a boot is that of its first application. */
    private static final Pattern SECONDS = Pattern.compile("\"seconds\" : ([0-9.E-]+)");

    private static final double NANOS = 1e9;

    /** Copies the words. */
    StreamProgram {
        words = List.copyOf(words);
    }

    /**
     * Runs it once.
     *
     * @throws IOException when it cannot be started, ends with another status than 0, or does not print what it must
     */
    StreamRun run() throws IOException, InterruptedException {
        long start = System.nanoTime();
        Process process = new ProcessBuilder(words)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int status = process.waitFor();
        double nanos = System.nanoTime() - start;
        if (status != 0) {
            throw new IOException("%s ended with status %d: run it by hand to see why".formatted(words, status));
        }
        Matcher seconds = SECONDS.matcher(said);
        if (!said.contains(awaited) || !seconds.find()) {
            throw new IOException(
                    "%s did not print %s and its seconds: it read something else".formatted(words, awaited));
        }
        return new StreamRun(nanos, Double.parseDouble(seconds.group(1)) * NANOS);
    }
}
