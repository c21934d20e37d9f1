package dev.postern.quirks;

/**
 * What is wrong in a quirk file, and what to do about it.
 *
 * @param file the file's name
 * @param line counted from 1
 * @param column counted from 1
 * @param message one line
 */
public record Complaint(String file, int line, int column, String message) {

    /** File, line, column and message in one line. */
    @Override
    public String toString() {
        return "%s:%d:%d: %s".formatted(file, line, column, message);
    }
}
