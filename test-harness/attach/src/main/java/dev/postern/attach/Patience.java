package dev.postern.attach;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Looks again and again at something that tells nobody when it changes, up to a limit. */
final class Patience {

    /** Between two looks, so that the processor is left to who is waited for. */
    private static final long PAUSE_NANOS = 200_000;

    private final long deadlineNanos;

    Patience(Duration limit) {
        deadlineNanos = System.nanoTime() + limit.toNanos();
    }

    /** What is left of the limit; at least 0. */
    Duration left() {
        return Duration.ofNanos(Math.max(0, deadlineNanos - System.nanoTime()));
    }

    /**
     * A short pause before the next look.
     *
     * @return false, at once, when the limit has passed
     */
    boolean goesOn() {
        if (System.nanoTime() - deadlineNanos >= 0) {
            return false;
        }
        // In an interrupted thread this returns at once, and the loop around it becomes a spin with the same bound.
        LockSupport.parkNanos(this, PAUSE_NANOS);
        return true;
    }
}
