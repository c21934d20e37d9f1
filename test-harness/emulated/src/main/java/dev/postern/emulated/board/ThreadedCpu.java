package dev.postern.emulated.board;

import dev.postern.machine.Cpu;

/** The CPU of a machine whose devices have a thread of their own: time is real, and a wait sleeps. */
public final class ThreadedCpu implements Cpu {

    /** A polling loop gives its processor away now and then, or devices that share it would not come to their turn. */
    private static final int RELAXES_BEFORE_YIELD = 256;

    private final Power power;
    private final Clock clock;
    private final Wakeups wakeups;
    private int relaxes;

    /** A CPU on the given board. */
    public ThreadedCpu(Power power, Clock clock, Wakeups wakeups) {
        this.power = power;
        this.clock = clock;
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
        if (++relaxes % RELAXES_BEFORE_YIELD == 0) {
            Thread.yield();
        } else {
            Thread.onSpinWait();
        }
    }

    @Override
    public void halt(long deadlineNanos) {
        power.check();
        wakeups.await(deadlineNanos, clock);
        power.check();
    }
}
