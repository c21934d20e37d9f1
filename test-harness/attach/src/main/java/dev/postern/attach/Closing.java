package dev.postern.attach;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/** Closes what has been made so far when a step fails, the latest first; and nothing when all steps were done. */
final class Closing implements AutoCloseable {

    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    /** Remembers something, and gives it back. */
    <T extends AutoCloseable> T add(T resource) {
        open.push(resource);
        return resource;
    }

    /** All went well: what was made has an owner now. */
    void keep() {
        open.clear();
    }

    @Override
    public void close() throws IOException {
        IOException first = null;
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Exception e) {
                // The rest must be closed too; the first failure is told.
                first = first == null ? new IOException(e) : first;
            }
        }
        if (first != null) {
            throw first;
        }
    }
}
