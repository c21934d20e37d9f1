package dev.postern.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * A program that is started again and again.
 *
 * @param words the program and what it is called with
 * @param awaited a part of a line that it must print; empty when it need print nothing
 */
record MeasuredProgram(List<String> words, String awaited) {

    /** Copies the words. */
    MeasuredProgram {
        words = List.copyOf(words);
    }

    /**
     * Runs it once.
     *
     * @throws IOException when it cannot be started, ends with another status than 0, or does not print what it must
     */
    ProcessRun run() throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.INHERIT);
        long start = System.nanoTime();
        Process process = builder.start();
        long came = 0;
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            String line;
            while ((line = lines.readLine()) != null) {
                if (came == 0 && !awaited.isEmpty() && line.contains(awaited)) {
                    came = System.nanoTime();
                }
            }
        }
        int status = process.waitFor();
        long end = System.nanoTime();
        String name = Path.of(words.getFirst()).getFileName() + " ... " + words.getLast();
        if (status != 0) {
            throw new IOException("%s ended with status %d: build again with ./postern, or see what it said above"
                    .formatted(name, status));
        }
        if (came == 0 && !awaited.isEmpty()) {
            throw new IOException("%s did not print %.16s...: it read something else".formatted(name, awaited));
        }
        return new ProcessRun(end - start, (came == 0 ? end : came) - start);
    }
}
