package dev.postern.emulated.board;

/** The only clock of a machine whose devices work on the guest's thread, in simulated nanoseconds. It moves when the CPU waits, and never goes back. */
public final class SimulatedClock implements Clock {

    /** An arbitrary origin other than 0, so that a guest which takes the origin for 0 is found out. */
    private static final long ORIGIN_NANOS = 1_000_000_000L;

    private long nanos = ORIGIN_NANOS;

    @Override
    public long nanoTime() {
        return nanos;
    }

    /** Moves on by {@code delta} nanoseconds, 0 or more. */
    void advance(long delta) {
        nanos += delta;
    }
}
