package dev.postern.interrupt;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import jdk.jfr.FlightRecorder;

/** One line with all its handlers, and the guard against a line that stays up and belongs to nobody. */
final class SharedLine {

    private final int gsi;
    /** Copy on write: a handler may open or close vectors while the line is being served. */
    private final List<LineVector> vectors = new CopyOnWriteArrayList<>();

    private int unhandledInARow;
    private boolean masked;

    SharedLine(int gsi) {
        this.gsi = gsi;
    }

    int gsi() {
        return gsi;
    }

    List<LineVector> vectors() {
        return vectors;
    }

    boolean masked() {
        return masked;
    }

    boolean unused() {
        return vectors.isEmpty();
    }

    void join(LineVector vector) {
        vectors.add(vector);
        // The newcomer may be the one whose device holds the line.
        masked = false;
        unhandledInARow = 0;
    }

    void leave(LineVector vector) {
        vectors.remove(vector);
    }

    /** The line was seen low: whatever held it was served, or was a glitch. */
    void dropped() {
        unhandledInARow = 0;
    }

    /**
     * Asks all handlers of the held line: several devices may have raised it at once.
     *
     * @return whether one of them handled it
     */
    boolean serve() {
        InterruptEvent event =
                FlightRecorder.isInitialized() && InterruptEvent.recorded() ? InterruptEvent.begun() : null;
        boolean handled = false;
        for (LineVector vector : vectors) {
            handled |= vector.serve() == LineAnswer.HANDLED;
        }
        if (event != null) {
            event.write(this, handled);
        }
        unhandledInARow = handled ? 0 : unhandledInARow + 1;
        return handled;
    }

    /** Whether the line has now been unhandled so often that it is given up. */
    boolean giveUpAfter(int limit) {
        if (!masked && unhandledInARow >= limit) {
            masked = true;
            return true;
        }
        return false;
    }

    String names() {
        return vectors.stream().map(LineVector::name).collect(Collectors.joining(", "));
    }
}
