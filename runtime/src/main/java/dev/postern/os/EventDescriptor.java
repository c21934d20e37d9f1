package dev.postern.os;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import com.sun.jna.LastErrorException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;

/**
 * A counter in the system that one process rings and another waits for (eventfd(2)).
 *
 * <p>It never waits for room. Whoever was given its descriptor could change that and fill the counter, and {@link #ring} would then
 * wait until it is read: what the system keeps per descriptor is shared with the other process.
 *
 * <p><b>Memory order:</b> what was stored before {@link #ring} is seen after {@link #take} or {@link #await} has returned true.
 *
 * <p><b>Ownership:</b> whoever creates it closes it. <b>Threads:</b> {@link #ring} and {@link #close()} from any; the rest one at a
 * time.
 */
public final class EventDescriptor implements AutoCloseable {

    /** What is added; in memory that is never changed, so that all threads may pass it. */
    private static final MemorySegment ONE = Arena.global().allocate(JAVA_LONG);

    private static final long ONE_ADDRESS = ONE.address();

    static {
        ONE.set(JAVA_LONG, 0, 1);
    }

    private static final int CLOSED = -1;

    /** A number that is given back may become another's, so it is forgotten. */
    private volatile int descriptor;

    private final PollWait wait;
    private final MemorySegment count = Arena.ofAuto().allocate(JAVA_LONG);

    private EventDescriptor(int descriptor) {
        this.descriptor = descriptor;
        this.wait = new PollWait(descriptor);
    }

    /**
     * A new one, not rung.
     *
     * @throws IOException when the system has no more descriptors
     */
    public static EventDescriptor create() throws IOException {
        try {
            return new EventDescriptor(LibC.eventfd(0, LibC.EFD_CLOEXEC_NONBLOCK));
        } catch (LastErrorException e) {
            throw new IOException("cannot make an event descriptor: " + e.getMessage(), e);
        }
    }

    /**
     * One that was received; it closes it. It is made not to wait, for both sides.
     *
     * @throws IOException when the descriptor is not open; it stays the caller's then
     */
    public static EventDescriptor adopt(int descriptor) throws IOException {
        try {
            int flags = LibC.fcntl(descriptor, LibC.F_GETFL, 0);
            LibC.fcntl(descriptor, LibC.F_SETFL, flags | LibC.O_NONBLOCK);
            return new EventDescriptor(descriptor);
        } catch (LastErrorException e) {
            throw new IOException("descriptor %d: %s".formatted(descriptor, e.getMessage()), e);
        }
    }

    /** To be passed to another process; it stays ours and is open until {@link #close()}, and -1 afterwards. */
    public int descriptor() {
        return descriptor;
    }

    /** Rings, unless it is closed. About 0.3 µs, more when it wakes somebody. A full counter is rung already. */
    public void ring() {
        HotCalls.write(descriptor, ONE_ADDRESS, Long.BYTES);
    }

    /** Whether it was rung since the last time; takes all rings. Does not wait. */
    public boolean take() {
        boolean rung = HotCalls.read(descriptor, count.address(), Long.BYTES) == Long.BYTES;
        Reference.reachabilityFence(count);
        return rung;
    }

    /**
     * Waits for a ring, and takes all there are.
     *
     * @param deadlineNanos of {@link System#nanoTime()}
     * @return false when the deadline has passed
     */
    public boolean await(long deadlineNanos) {
        while (!take()) {
            if (descriptor == CLOSED || wait.until(PollWait.IN, deadlineNanos) == 0) {
                return false;
            }
        }
        return true;
    }

    /** Closes it. Safe to call twice; never throws. */
    @Override
    public synchronized void close() {
        int number = descriptor;
        descriptor = CLOSED;
        if (number != CLOSED) {
            OpenDescriptors.close(number);
        }
    }
}
