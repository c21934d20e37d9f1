package dev.postern.virtio.fake;

import dev.postern.machine.Cpu;

/**
 * A CPU on which time passes only while the guest waits, and whose device works at each turn. A guest that waits past
 * {@link #patience} simulated time fails its test instead of hanging it.
 */
public final class SimulatedCpu implements Cpu {

    private static final long TURN_NANOS = 10_000;
    private static final long PATIENCE_NANOS = 600_000_000_000L;

    private final long origin;
    private long elapsed;
    private long turns;
    private Runnable device = () -> {};

    /**
     * A CPU at rest.
     *
     * @param origin what the clock reads at first; any value, since a clock's origin is arbitrary
     */
    public SimulatedCpu(long origin) {
        this.origin = origin;
    }

    /** What happens while the guest waits. */
    public void device(Runnable work) {
        device = work;
    }

    /** How long the guest has waited, in simulated nanoseconds. */
    public long elapsed() {
        return elapsed;
    }

    /** Lets time pass while nobody waits. */
    public void advance(long nanos) {
        elapsed += nanos;
    }

    @Override
    public long nanoTime() {
        return origin + elapsed;
    }

    @Override
    public void relax() {
        pass(TURN_NANOS);
    }

    @Override
    public void halt(long deadlineNanos) {
        // It may return early for no reason; a tenth of a millisecond is early enough to see a device work.
        pass(Math.clamp(deadlineNanos - nanoTime(), 0, 100_000));
    }

    private void pass(long nanos) {
        turns++;
        elapsed += nanos;
        if (elapsed > PATIENCE_NANOS || turns > 100_000_000) {
            throw new AssertionError(
                    "the guest waits for ever: %d s simulated, %d turns".formatted(elapsed / 1_000_000_000, turns));
        }
        device.run();
    }
}
