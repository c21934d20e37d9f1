package dev.postern.emulated.board;

import java.util.concurrent.locks.LockSupport;

/** Remembers that an interrupt was latched since the CPU last woke: what ends a halt. Notes may come from any thread. */
public final class Wakeups {

    /** No sleep is longer, so that a machine that died is noticed. */
    private static final long LONGEST_SLEEP_NANOS = 100_000_000;

    private volatile boolean latched;
    private volatile Thread sleeper;

    /** Notes that a message was written or a line was raised. */
    public void note() {
        latched = true;
        // Pairs with the write of sleeper before the last look at latched: one of the two sees the other.
        Thread waiting = sleeper;
        if (waiting != null) {
            LockSupport.unpark(waiting);
        }
    }

    /** Whether an interrupt was latched since the last call that said so; forgets it. */
    boolean take() {
        boolean was = latched;
        if (was) {
            latched = false;
        }
        return was;
    }

    /** Sleeps until an interrupt is latched, the deadline is reached, or for no reason. */
    void await(long deadlineNanos, Clock clock) {
        sleeper = Thread.currentThread();
        if (!take()) {
            long left = deadlineNanos - clock.nanoTime();
            if (left > 0) {
                LockSupport.parkNanos(this, Math.min(left, LONGEST_SLEEP_NANOS));
                take();
            }
        }
        sleeper = null;
    }
}
