package dev.postern.os;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The last lines that a process wrote, bounded in number and length. Safe from any thread. */
final class LastLines {

    private static final int LINES = 50;
    private static final int LINE_LENGTH = 2000;

    /** How much of it fits into one line for a person, in lines and in characters. */
    private static final int SHOWN_LINES = 5;

    private static final int SHOWN_LENGTH = 600;

    private final Deque<String> lines = new ArrayDeque<>();

    /** Reads until the end of the stream. */
    void readAll(BufferedReader reader) {
        try (reader) {
            String line = reader.readLine();
            while (line != null) {
                add(line);
                line = reader.readLine();
            }
        } catch (IOException e) {
            // The pipe was closed under us because the process has gone: nothing more will come.
        }
    }

    synchronized void add(String line) {
        if (lines.size() == LINES) {
            lines.removeFirst();
        }
        lines.addLast(line.length() <= LINE_LENGTH ? line : line.substring(0, LINE_LENGTH));
    }

    synchronized List<String> lines() {
        return List.copyOf(lines);
    }

    /** The last few lines joined by semicolons; empty when nothing was said. */
    String inOneLine() {
        List<String> said = lines().stream().filter(line -> !line.isBlank()).toList();
        String joined = String.join("; ", said.subList(Math.max(0, said.size() - SHOWN_LINES), said.size()));
        // The reason comes last, so the beginning is what can be missed.
        return joined.length() <= SHOWN_LENGTH ? joined : "…" + joined.substring(joined.length() - SHOWN_LENGTH);
    }
}
