package dev.postern.quirks.decision;

/**
 * A place in the source, so that an explanation can say where a rule is written.
 *
 * @param file the file's name without folders
 * @param line counted from 1; 0 when the class was compiled without line numbers
 */
public record SourceLine(String file, int line) {

    /** The line that calls this method. It walks the stack, so rules call it once, when they are made. */
    static SourceLine here() {
        return StackWalker.getInstance()
                .walk(frames -> frames.skip(1).findFirst())
                .map(frame -> new SourceLine(frame.getFileName(), Math.max(frame.getLineNumber(), 0)))
                .orElseThrow();
    }

    @Override
    public String toString() {
        return file + ":" + line;
    }
}
