package dev.postern.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Where a command writes.
 *
 * @param out results
 * @param err errors and progress
 * @param terminal where these lead
 */
record Streams(PrintStream out, PrintStream err, Terminal terminal) {

    /** Those of this process. They speak UTF-8 in any locale: a document must, and a tree has no other letters. */
    static Streams ofProcess(Map<String, String> environment) {
        return new Streams(open(FileDescriptor.out), open(FileDescriptor.err), Terminal.ofProcess(environment));
    }

    private static PrintStream open(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
    }
}
