package dev.postern.emulated.board;

import java.util.concurrent.locks.LockSupport;

/** The thread on which devices work in a machine where they have one. It sleeps while there is nothing to do. */
public final class DeviceThread implements AutoCloseable {

    /** How often it looks again before it sleeps: a wake-up costs more than that. */
    private static final int SPINS = 200;

    /** How long it sleeps while devices look for work that nobody announces. */
    private static final long LOOK_NANOS = 20_000;

    private final DeviceWork work;
    private final ThreadGate gate;
    private final Power power;
    private final Thread thread;

    private volatile boolean asleep;
    /** Whether it was woken since it began to rest. */
    private volatile boolean woken;

    private volatile boolean stopping;

    /** A thread that is not started. */
    public DeviceThread(DeviceWork work, ThreadGate gate, Power power) {
        this.work = work;
        this.gate = gate;
        this.power = power;
        this.thread = Thread.ofPlatform().daemon().name("postern-devices").unstarted(this::run);
    }

    /** From now on work is done as soon as it is there. */
    public void start() {
        work.onArrival(this::wake);
        thread.start();
    }

    private void wake() {
        woken = true;
        // Pairs with the write of asleep before the last look at woken: one of the two sees the other.
        if (asleep) {
            LockSupport.unpark(thread);
        }
    }

    private void run() {
        try {
            while (!stopping) {
                if (!work.runRound()) {
                    rest();
                }
            }
        } catch (Throwable e) {
            power.fail("a device of the emulated machine failed, which is a defect of the machine: " + e, e);
        }
    }

    private void rest() {
        for (int i = 0; i < SPINS; i++) {
            if (!work.idle()) {
                return;
            }
            Thread.onSpinWait();
        }
        woken = false;
        // Before the last look: it takes the gate, and waiting for that would use up the permit of an unpark.
        boolean polled = work.polled();
        asleep = true;
        if (work.idle() && !woken && !stopping) {
            if (polled) {
                LockSupport.parkNanos(work, LOOK_NANOS);
            } else {
                LockSupport.park(work);
            }
        }
        asleep = false;
    }

    /** Stops the thread, and returns when it has ended. */
    @Override
    public void close() {
        stopping = true;
        gate.close();
        LockSupport.unpark(thread);
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                // Devices must not touch the RAM after it was unmapped, so the interrupt has to wait.
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
