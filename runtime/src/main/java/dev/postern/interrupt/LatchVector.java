package dev.postern.interrupt;

import dev.postern.machine.Latch;
import jdk.jfr.FlightRecorder;

/**
 * What a process behind a channel signals by tripping a latch, and the handler of that.
 *
 * <p><b>Ownership:</b> the opener closes it, and the latch after it. <b>Threads:</b> as {@link InterruptRouter}. <b>Memory order:</b> what
 * the other side stored before it tripped the latch is seen by the handler, as {@link Latch#take} promises.
 */
public final class LatchVector implements AutoCloseable {

    private final InterruptRouter router;
    private final Latch latch;
    private final String name;
    private final InterruptHandler handler;
    private long count;
    private boolean closed;

    LatchVector(InterruptRouter router, Latch latch, String name, InterruptHandler handler) {
        this.router = router;
        this.latch = latch;
        this.name = name;
        this.handler = handler;
    }

    /** What the opener called it. */
    public String name() {
        return name;
    }

    /** How often the handler ran. */
    public long count() {
        return count;
    }

    /** Runs the handler if the latch was tripped; for the router. */
    boolean serve() {
        // Taken before the handler runs: a trip from here on leads to another call, so that none is lost.
        if (closed || !latch.take()) {
            return false;
        }
        count++;
        InterruptEvent event =
                FlightRecorder.isInitialized() && InterruptEvent.recorded() ? InterruptEvent.begun() : null;
        handler.handle();
        if (event != null) {
            event.write(this);
        }
        return true;
    }

    /** Ends the vector; its handler runs no more. The latch stays the opener's. Safe to call twice. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            router.closed(this);
        }
    }

    @Override
    public String toString() {
        return "latch %s (%d served)".formatted(name, count);
    }
}
