package dev.postern.quirks;

/**
 * A place in a quirk file.
 *
 * @param file the file's name: without folders for a shipped file, as it was given for a local one
 * @param line counted from 1
 */
public record Place(String file, int line) {

    @Override
    public String toString() {
        return file + ":" + line;
    }
}
