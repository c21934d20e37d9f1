package dev.postern.os;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import com.sun.jna.LastErrorException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A clock in the system that ends a wait for descriptors at a time (timerfd_create(2)).
 *
 * <p>It keeps its time from wait to wait. A time limit of the wait itself would be set up and taken down each time, which on a virtual machine
 * costs 1 µs of a wait of 6: whoever waits for one device sets a new time once in thousands of waits.
 *
 * <p><b>Ownership:</b> whoever opens it closes it. <b>Threads:</b> one at a time.
 */
final class Alarm implements AutoCloseable {

    private static final long NANOS = 1_000_000_000;

    /** It is set to this at most, and set again when it has rung early. */
    private static final long LONGEST = 3600 * NANOS;

    private final int descriptor;

    /** {@code struct itimerspec}: no interval, and the time. */
    private final MemorySegment time = Arena.ofAuto().allocate(32, 8);

    private long deadline;
    private boolean set;

    private Alarm(int descriptor) {
        this.descriptor = descriptor;
    }

    /** One that does not ring before it is set. */
    static Alarm open() throws LastErrorException {
        return new Alarm(LibC.timerfd_create(LibC.CLOCK_MONOTONIC, LibC.TFD_CLOEXEC_NONBLOCK));
    }

    int descriptor() {
        return descriptor;
    }

    /**
     * Sets it; a call of the system only when the time is another than before, or it has rung since.
     *
     * @param deadlineNanos of {@link System#nanoTime()}
     * @return false when that has passed; it is as it was then
     */
    boolean ringAt(long deadlineNanos) {
        if (set && deadline == deadlineNanos) {
            return true;
        }
        long left = Math.min(deadlineNanos - System.nanoTime(), LONGEST);
        if (left <= 0) {
            return false;
        }
        time.set(JAVA_LONG, 16, left / NANOS);
        time.set(JAVA_LONG, 24, left % NANOS);
        HotCalls.setTime(descriptor, time.address());
        deadline = deadlineNanos;
        set = true;
        return true;
    }

    /** Says that it has rung. */
    void rang() {
        set = false;
    }

    @Override
    public void close() {
        OpenDescriptors.close(descriptor);
    }
}
