package dev.postern.bench;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** A program that answers each line with a line of numbers. It waits in between, so that two of them may share a core in turns. */
final class AskedProgram implements AutoCloseable {

    private final Process process;
    private final BufferedWriter questions;
    private final BufferedReader answers;

    private AskedProgram(Process process) {
        this.process = process;
        questions = process.outputWriter(StandardCharsets.UTF_8);
        answers = process.inputReader(StandardCharsets.UTF_8);
    }

    /** Starts it; what it says on standard error is shown. */
    static AskedProgram start(List<String> words) throws IOException {
        return new AskedProgram(new ProcessBuilder(words)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    /**
     * Asks.
     *
     * @throws IOException when it has ended
     */
    long[] ask(String question) throws IOException {
        questions.write(question);
        questions.newLine();
        questions.flush();
        return hear(question);
    }

    /**
     * Hears what it says without being asked, when it has come up.
     *
     * @throws IOException when it has ended
     */
    long[] hear() throws IOException {
        return hear("nothing");
    }

    private long[] hear(String question) throws IOException {
        String answer = answers.readLine();
        if (answer == null) {
            throw new IOException(
                    "the program that was asked \"%s\" has ended: its reason is above".formatted(question));
        }
        return Arrays.stream(answer.split(" ")).mapToLong(Long::parseLong).toArray();
    }

    /** Ends the program. */
    @Override
    public void close() {
        process.destroy();
    }
}
