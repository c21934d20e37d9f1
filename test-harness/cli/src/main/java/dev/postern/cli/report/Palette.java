package dev.postern.cli.report;

/** How words are set off from each other: by colour, or not at all. */
public enum Palette {
    /** With ANSI colours, for a terminal. */
    COLOUR,

    /** As they are. */
    PLAIN;

    private static final String RESET = "\u001b[0m";

    /** Something good. */
    String good(String text) {
        return coloured("\u001b[32m", text);
    }

    /** Something bad. */
    String bad(String text) {
        return coloured("\u001b[31m", text);
    }

    /** Something that works at a price. */
    String caution(String text) {
        return coloured("\u001b[33m", text);
    }

    /** What a line is about. */
    String label(String text) {
        return coloured("\u001b[1m", text);
    }

    /** Of less interest. */
    String faint(String text) {
        return coloured("\u001b[2m", text);
    }

    private String coloured(String code, String text) {
        return this == PLAIN || text.isEmpty() ? text : code + text + RESET;
    }
}
