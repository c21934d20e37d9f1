package dev.postern.machine;

/**
 * The guest's CPU: time passes on it, and it can wait.
 *
 * <p>Devices work while the CPU relaxes or halts, and possibly at any other moment. A guest that waits for a device must
 * therefore call {@link #relax()} or {@link #halt(long)} in its loop, and must bound the loop by {@link #nanoTime()}: on
 * a simulated machine no other clock moves.
 */
public interface Cpu {

    /** A clock that never goes back, in nanoseconds, with an arbitrary origin; simulated where the machine is. */
    long nanoTime();

    /** One turn of a polling loop, as the PAUSE instruction: short, and lets devices make progress. */
    void relax();

    /**
     * Waits until an interrupt may have been latched or the clock has reached {@code deadlineNanos}, whichever is first,
     * as the HLT instruction. It may return early for no reason; the caller looks and decides.
     */
    void halt(long deadlineNanos);
}
