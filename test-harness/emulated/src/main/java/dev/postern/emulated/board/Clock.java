package dev.postern.emulated.board;

/** What tells the time on a machine. */
@FunctionalInterface
public interface Clock {

    /** The time now in nanoseconds, from an arbitrary origin; it never goes back. */
    long nanoTime();
}
