package dev.postern.interrupt;

/**
 * One device's share of an interrupt line.
 *
 * <p><b>Ownership:</b> the opener closes it, after the device can no longer raise the line. <b>Threads:</b> as
 * {@link InterruptRouter}.
 */
public final class LineVector implements AutoCloseable {

    private final SharedLine line;
    private final String name;
    private final LineHandler handler;
    private long count;
    private boolean closed;

    LineVector(SharedLine line, String name, LineHandler handler) {
        this.line = line;
        this.name = name;
        this.handler = handler;
    }

    /** What the opener called it. */
    public String name() {
        return name;
    }

    /** The global system interrupt. */
    public int gsi() {
        return line.gsi();
    }

    /** How often the handler answered {@link LineAnswer#HANDLED}. */
    public long count() {
        return count;
    }

    /** Whether the line was given up because nobody handled it; see {@link InterruptRouter#problems()}. */
    public boolean masked() {
        return line.masked();
    }

    /** Asks the handler; for the line. */
    LineAnswer serve() {
        if (closed) {
            return LineAnswer.NOT_MINE;
        }
        LineAnswer answer = handler.handle();
        if (answer == LineAnswer.HANDLED) {
            count++;
        }
        return answer;
    }

    /** Leaves the line; the handler runs no more. Safe to call twice. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            line.leave(this);
        }
    }

    @Override
    public String toString() {
        return "line %d %s (%d served%s)".formatted(gsi(), name, count, masked() ? ", masked" : "");
    }
}
