package dev.postern.fakes;

import dev.postern.machine.Cpu;

/** A clock that moves only when the CPU relaxes or halts, and something that happens when it does. */
public final class FakeCpu implements Cpu {

    private final long haltNanos;
    private long now;
    private int halts;
    private Runnable whileHalted = () -> {};

    /** Halting takes that long, or up to the deadline. */
    public FakeCpu(long haltNanos, long origin) {
        this.haltNanos = haltNanos;
        this.now = origin;
    }

    /** What a device does at each halt. */
    public void whileHalted(Runnable action) {
        whileHalted = action;
    }

    /** How often it halted. */
    public int halts() {
        return halts;
    }

    @Override
    public long nanoTime() {
        return now;
    }

    @Override
    public void relax() {
        now += 1000;
    }

    @Override
    public void halt(long deadlineNanos) {
        halts++;
        now += Math.min(haltNanos, Math.max(deadlineNanos - now, 1));
        whileHalted.run();
    }
}
