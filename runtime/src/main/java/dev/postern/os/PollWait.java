package dev.postern.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Waits for one descriptor, with a deadline in nanoseconds (ppoll(2)). An interrupt of the thread does not end a wait.
 *
 * <p><b>Threads:</b> one at a time.
 */
final class PollWait {

    /** {@code POLLIN}, asm-generic/poll.h. */
    static final short IN = 1;

    /** {@code POLLOUT}. */
    static final short OUT = 4;

    /** {@code POLLRDHUP}: the other side writes no more. Errors and hang-ups are told unasked. */
    static final short READ_HANG_UP = 0x2000;

    private static final long NANOS = 1_000_000_000;

    /** A wait is cut here and begun again, so that no sum overflows. */
    private static final long LONGEST = 3600 * NANOS;

    /** {@code struct pollfd}: descriptor, events asked for, events found; then {@code struct timespec}. */
    private final MemorySegment memory = Arena.ofAuto().allocate(24, 8);

    private final MemorySegment time = memory.asSlice(8);

    PollWait(int descriptor) {
        memory.set(JAVA_INT, 0, descriptor);
    }

    /** What of these events is there now; 0 for none. Errors and hang-ups are told unasked. */
    short now(short events) {
        memory.set(JAVA_SHORT, 4, events);
        return HotCalls.pollNow(memory.address()) > 0 ? memory.get(JAVA_SHORT, 6) : 0;
    }

    /**
     * Waits for one of these events, an error or a hang-up.
     *
     * @param deadlineNanos of {@link System#nanoTime()}; one in the past looks once
     * @return what was found; 0 when the deadline has passed
     */
    short until(short events, long deadlineNanos) {
        memory.set(JAVA_SHORT, 4, events);
        while (true) {
            long left = timespec(time, deadlineNanos);
            int found = HotCalls.poll(memory.address(), time.address());
            if (found > 0) {
                return memory.get(JAVA_SHORT, 6);
            }
            // What fails here is a signal that came between, and the loop goes on; all other reasons are faults of
            // ours.
            if (left == 0) {
                return 0;
            }
        }
    }

    /**
     * Writes the time that is left as {@code struct timespec}.
     *
     * @return how much was written, in nanoseconds, 0 or more
     */
    static long timespec(MemorySegment into, long deadlineNanos) {
        long left = Math.clamp(deadlineNanos - System.nanoTime(), 0, LONGEST);
        into.set(JAVA_LONG, 0, left / NANOS);
        into.set(JAVA_LONG, 8, left % NANOS);
        return left;
    }
}
