package dev.postern.emulated.board;

import dev.postern.machine.Cpu;

/**
 * The CPU as a clock and a waiter: devices do their work while it waits, on its thread. A wait that nothing can end
 * jumps to its deadline, so a dead device costs no real time.
 */
public final class SimulatedCpu implements Cpu {

    /** About what one PAUSE and one look at memory cost. */
    private static final long RELAX_NANOS = 250;

    /** What one round of device work costs. */
    private static final long ROUND_NANOS = 1_000;

    /** A wait without an end in sight returns after this long: halt may return early for no reason. */
    private static final long LONGEST_JUMP_NANOS = 3_600_000_000_000L;

    private final Power power;
    private final SimulatedClock clock;
    private final DeviceWork work;
    private final Wakeups wakeups;

    /** A CPU on the given board. */
    public SimulatedCpu(Power power, SimulatedClock clock, DeviceWork work, Wakeups wakeups) {
        this.power = power;
        this.clock = clock;
        this.work = work;
        this.wakeups = wakeups;
    }

    @Override
    public long nanoTime() {
        power.check();
        return clock.nanoTime();
    }

    @Override
    public void relax() {
        power.check();
        clock.advance(RELAX_NANOS);
        work.runRound();
    }

    @Override
    public void halt(long deadlineNanos) {
        power.check();
        // Even a halt that ends at once takes time, or a guest that spins on halt would never reach its deadline.
        clock.advance(RELAX_NANOS);
        while (!wakeups.take()) {
            long left = deadlineNanos - clock.nanoTime();
            if (left <= 0) {
                return;
            }
            if (!work.runRound()) {
                clock.advance(Math.min(left, LONGEST_JUMP_NANOS));
                return;
            }
            clock.advance(ROUND_NANOS);
        }
    }
}
