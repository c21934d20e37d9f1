package dev.postern.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import com.sun.jna.LastErrorException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Waits for many descriptors at once, edge-triggered (epoll(7)): a wait is one system call, and what has made it return is not read.
 * Each ring of an event descriptor, and each arrival at a socket, is one edge; so is what was there before the descriptor was added.
 * Each edge sets the flag of its {@link Readiness}.
 *
 * <p><b>Memory order:</b> what the other side stored before it rang is seen after {@link Readiness#take} has returned true.
 *
 * <p><b>Ownership:</b> whoever opens it closes it; the descriptors stay the caller's. <b>Threads:</b> one at a time, but for
 * {@link #wake} and {@link #close()}.
 */
public final class DescriptorSet implements AutoCloseable {

    /** {@code EPOLLIN | EPOLLRDHUP | EPOLLET}, sys/epoll.h. */
    private static final int EDGES = 1 | 0x2000 | 1 << 31;

    /** {@code struct epoll_event} is packed on x86-64, and on no other. */
    private static final int DATA = System.getProperty("os.arch").equals("amd64") ? 4 : 8;

    private static final int EVENT_BYTES = DATA + 8;
    private static final int MOST_EVENTS = 64;
    private static final int WAKER = -1;
    private static final int ALARM = -2;
    private static final int FOR_EVER = -1;

    private final int descriptor;
    private final EventDescriptor waker;
    private final Alarm alarm;
    private final List<Readiness> members = new ArrayList<>();
    private final MemorySegment events;
    private volatile boolean waiting;
    private volatile boolean closed;

    private DescriptorSet(int descriptor, EventDescriptor waker, Alarm alarm) {
        this.descriptor = descriptor;
        this.waker = waker;
        this.alarm = alarm;
        events = Arena.ofAuto().allocate((long) EVENT_BYTES * MOST_EVENTS, 8);
    }

    /**
     * An empty one.
     *
     * @throws IOException when the system has no more descriptors
     */
    public static DescriptorSet open() throws IOException {
        EventDescriptor waker = EventDescriptor.create();
        Alarm alarm = null;
        int descriptor = -1;
        try {
            alarm = Alarm.open();
            descriptor = LibC.epoll_create1(LibC.EPOLL_CLOEXEC);
            DescriptorSet set = new DescriptorSet(descriptor, waker, alarm);
            set.control(LibC.EPOLL_CTL_ADD, waker.descriptor(), WAKER);
            set.control(LibC.EPOLL_CTL_ADD, alarm.descriptor(), ALARM);
            return set;
        } catch (LastErrorException e) {
            waker.close();
            if (alarm != null) {
                alarm.close();
            }
            if (descriptor >= 0) {
                LibC.close(descriptor);
            }
            throw new IOException("cannot make a set of descriptors: " + e.getMessage(), e);
        }
    }

    /**
     * Adds a descriptor. What is there already is an edge.
     *
     * @param added stays the caller's, who removes it with {@link Readiness#close()} before it is closed: another process that holds it
     *     would keep it in the set
     * @throws IOException when the system refuses, with its reason
     */
    public Readiness add(int added) throws IOException {
        int slot = members.indexOf(null);
        if (slot < 0) {
            slot = members.size();
            members.add(null);
        }
        try {
            control(LibC.EPOLL_CTL_ADD, added, slot);
        } catch (LastErrorException e) {
            throw new IOException("cannot watch descriptor %d: %s".formatted(added, e.getMessage()), e);
        }
        Readiness readiness = new Readiness(this, added, slot);
        members.set(slot, readiness);
        return readiness;
    }

    void remove(Readiness member) {
        if (closed) {
            return;
        }
        members.set(member.slot(), null);
        try {
            control(LibC.EPOLL_CTL_DEL, member.descriptor(), member.slot());
        } catch (LastErrorException e) {
            // It was closed before it was removed, and has left the set by that.
        }
    }

    private void control(int operation, int subject, int slot) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment event = arena.allocate(EVENT_BYTES, 8);
            event.set(JAVA_INT, 0, EDGES);
            event.set(JAVA_LONG_UNALIGNED, DATA, slot);
            LibC.epoll_ctl(descriptor, operation, subject, event.address());
        }
    }

    /** Marks those that were rung since the last time. Does not wait. */
    public void look() {
        if (!closed) {
            mark(HotCalls.epollWait(descriptor, events.address(), MOST_EVENTS, 0));
        }
    }

    /**
     * Waits for an edge and marks whose it is. It may return early for no reason. One call of the system, and a second when the deadline is
     * another than the last time.
     *
     * @param deadlineNanos of {@link System#nanoTime()}
     */
    public void await(long deadlineNanos) {
        // Said before closed is read, as close() sets closed before it reads this.
        waiting = true;
        try {
            if (!closed) {
                mark(
                        alarm.ringAt(deadlineNanos)
                                ? HotCalls.epollWait(descriptor, events.address(), MOST_EVENTS, FOR_EVER)
                                : HotCalls.epollWait(descriptor, events.address(), MOST_EVENTS, 0));
            }
        } finally {
            waiting = false;
        }
    }

    private void mark(int found) {
        // Negative: a signal came, or it was closed meanwhile. What does not fit comes with the next call.
        for (int i = 0; i < found; i++) {
            long slot = events.get(JAVA_LONG_UNALIGNED, (long) i * EVENT_BYTES + DATA);
            if (slot >= 0) {
                members.get((int) slot).mark();
            } else if (slot == ALARM) {
                alarm.rang();
            }
        }
    }

    /** Ends the wait of another thread, or its next one. */
    public void wake() {
        waker.ring();
    }

    /** Ends a wait, now and later. Safe to call twice and from any thread; never throws. */
    @Override
    public void close() {
        synchronized (waker) {
            if (closed) {
                return;
            }
            closed = true;
        }
        waker.ring();
        // The other thread has been woken; what it waited for must not become another's descriptor before it has left.
        while (waiting) {
            Thread.onSpinWait();
        }
        OpenDescriptors.close(descriptor);
        alarm.close();
        waker.close();
    }
}
