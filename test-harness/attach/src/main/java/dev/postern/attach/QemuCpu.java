package dev.postern.attach;

import dev.postern.machine.Cpu;
import java.util.concurrent.locks.LockSupport;

/**
 * This JVM's thread as the guest's CPU, in real time.
 *
 * <p>A message-signalled interrupt is a store to RAM and wakes nobody, so no sleep is longer than its latency may be.
 */
final class QemuCpu implements Cpu {

    /** About as long as a device takes over one request. */
    private static final int TURNS_BEFORE_SLEEP = 1000;

    /** What is asked for; the system adds about 50 µs of its own. */
    private static final long SLEEP_NANOS = 20_000;

    private final QtestClient qtest;
    private long accessesSeen;
    private int turns;

    QemuCpu(QtestClient qtest) {
        this.qtest = qtest;
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    /**
     * Spins for a while after the last register access, then sleeps a little each time, for QEMU may need the processor
     * we spin on. From then on it also notices a QEMU that has died.
     */
    @Override
    public void relax() {
        if (qtest.accesses() != accessesSeen) {
            accessesSeen = qtest.accesses();
            turns = 0;
        }
        if (turns < TURNS_BEFORE_SLEEP) {
            turns++;
            Thread.onSpinWait();
            return;
        }
        qtest.poll();
        LockSupport.parkNanos(this, SLEEP_NANOS);
    }

    @Override
    public void halt(long deadlineNanos) {
        long heard = qtest.lineChanges();
        qtest.poll();
        long left = deadlineNanos - System.nanoTime();
        if (qtest.lineChanges() == heard && left > 0) {
            LockSupport.parkNanos(this, Math.min(left, SLEEP_NANOS));
            qtest.poll();
        }
    }
}
