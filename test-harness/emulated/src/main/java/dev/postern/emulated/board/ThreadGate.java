package dev.postern.emulated.board;

import java.util.concurrent.locks.ReentrantLock;

/** A gate between two threads that lets them in in the order in which they came. */
public final class ThreadGate implements Gate {

    /** Fair, because devices leave and enter again at once and would starve the guest. */
    private final ReentrantLock lock = new ReentrantLock(true);

    private volatile boolean closing;

    /** An open gate. */
    public ThreadGate() {
        // Nobody is inside.
    }

    @Override
    public void enter() {
        lock.lock();
    }

    @Override
    public void leave() {
        lock.unlock();
    }

    @Override
    public boolean breathe() {
        if (lock.hasQueuedThreads()) {
            lock.unlock();
            lock.lock();
        }
        return !closing;
    }

    /** Devices stop at their next breath. */
    void close() {
        closing = true;
    }
}
