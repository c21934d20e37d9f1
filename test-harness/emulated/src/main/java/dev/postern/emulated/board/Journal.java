package dev.postern.emulated.board;

import dev.postern.emulated.DeviceEvent;
import dev.postern.emulated.GuestError;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** What the machine writes down for tests: what the guest did wrong, and, when asked to, what the devices did. For any thread. */
public final class Journal {

    /** A guest that errs in a loop must not fill the heap; the first errors are the ones that explain. */
    private static final int MAX_ERRORS = 1000;

    private final Clock clock;
    private final int traceCapacity;
    private final List<GuestError> errors = new ArrayList<>();
    private final ArrayDeque<DeviceEvent> events = new ArrayDeque<>();

    /**
     * An empty journal.
     *
     * @param clock dates the entries
     * @param traceCapacity how many device events are kept, the newest ones; 0 keeps none
     */
    public Journal(Clock clock, int traceCapacity) {
        this.clock = clock;
        this.traceCapacity = traceCapacity;
    }

    /** Notes that the guest broke {@code clause} at {@code device}. Entries after the first 1000 are dropped. */
    public synchronized void guestError(String device, String clause, String what) {
        if (errors.size() < MAX_ERRORS) {
            errors.add(new GuestError(clock.nanoTime(), device, clause, what));
        }
        if (tracing()) {
            event(device, "guest error " + clause + ": " + what);
        }
    }

    /** Whether {@link #event} keeps anything, so that a caller need not compose a text in vain. */
    public boolean tracing() {
        return traceCapacity > 0;
    }

    /** Notes what a device did, if tracing. */
    public synchronized void event(String device, String what) {
        if (!tracing()) {
            return;
        }
        if (events.size() == traceCapacity) {
            events.removeFirst();
        }
        events.addLast(new DeviceEvent(clock.nanoTime(), device, what));
    }

    /** A copy of the errors so far, oldest first. */
    public synchronized List<GuestError> guestErrors() {
        return List.copyOf(errors);
    }

    /** A copy of the events kept, oldest first. */
    public synchronized List<DeviceEvent> trace() {
        return List.copyOf(events);
    }
}
