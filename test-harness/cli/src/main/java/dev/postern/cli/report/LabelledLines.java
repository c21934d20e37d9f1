package dev.postern.cli.report;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** Lines in two columns, a label and text beside it, at most 100 columns wide. */
final class LabelledLines {

    private static final int LABEL = 11;
    private static final int WIDTH = 100;

    private final PrintStream out;
    private final Palette palette;

    LabelledLines(PrintStream out, Palette palette) {
        this.out = out;
        this.palette = palette;
    }

    /** A line as it is, which the caller keeps within {@link #textWidth()}. */
    void line(String label, String text) {
        out.println((palette.label(label) + " ".repeat(Math.max(1, LABEL - label.length())) + text).stripTrailing());
    }

    /** Words, broken into as many lines as they need, those after the first indented a little more. */
    void words(String label, String text) {
        List<String> lines = broken(text);
        line(label, lines.getFirst());
        lines.subList(1, lines.size()).forEach(more -> line("", "  " + more));
    }

    /** Columns that are left for text. */
    static int textWidth() {
        return WIDTH - LABEL;
    }

    /** A word that is longer than a line gets a line of its own: half a path or digest is of no use. */
    static List<String> broken(String text) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.strip().split("\\s+")) {
            int room = lines.isEmpty() ? textWidth() : textWidth() - 2;
            if (!line.isEmpty() && line.length() + 1 + word.length() > room) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return lines;
    }
}
