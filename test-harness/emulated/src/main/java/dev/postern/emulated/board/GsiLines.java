package dev.postern.emulated.board;

import dev.postern.machine.InterruptLines;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * The 24 inputs of the I/O interrupt controller, level triggered and shared: a line is asserted while at least one
 * device holds it.
 */
public final class GsiLines implements InterruptLines {

    /** As many as one I/O APIC has. */
    public static final int COUNT = 24;

    private final Power power;
    private final Wakeups wakeups;
    /** Changed inside the gate, read without. */
    private final AtomicIntegerArray holders = new AtomicIntegerArray(COUNT);

    /** All lines low. */
    public GsiLines(Power power, Wakeups wakeups) {
        this.power = power;
        this.wakeups = wakeups;
    }

    @Override
    public int count() {
        return COUNT;
    }

    @Override
    public boolean asserted(int gsi) {
        power.check();
        if (gsi < 0 || gsi >= COUNT) {
            throw new IllegalArgumentException("GSI " + gsi + ": this machine has 0 to " + (COUNT - 1));
        }
        return holders.get(gsi) > 0;
    }

    /** One more device holds the line. */
    public void raise(int gsi) {
        holders.incrementAndGet(gsi);
        wakeups.note();
    }

    /** One device let go of the line. */
    public void lower(int gsi) {
        holders.decrementAndGet(gsi);
    }
}
