package dev.postern.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;

/**
 * The C library's functions that are called for every request or wait, by the foreign-function API. A write to an event descriptor took
 * 0.46 µs, where JNA took 0.66 (2026-11-28, two cores, best of five rounds of a million), and no call allocates.
 *
 * <p>Addresses are passed as numbers, so that no call looks up the life of a segment: the caller keeps the memory alive. None is
 * "critical" (without telling the JVM that the thread is away), which made that write 0.41 µs: reading and writing can be made to wait by
 * whoever shares a descriptor, and a loop of the others once kept the whole JVM from a safepoint for minutes.
 */
@SuppressWarnings("restricted")
final class HotCalls {

    private static final Linker LINKER = Linker.nativeLinker();

    private static final FunctionDescriptor BYTES = FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG);

    private static final MethodHandle WRITE = handle("write", BYTES);
    private static final MethodHandle READ = handle("read", BYTES);
    private static final MethodHandle POLL =
            handle("poll", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
    private static final MethodHandle PPOLL =
            handle("ppoll", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle EPOLL_WAIT =
            handle("epoll_wait", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT));

    private static final MethodHandle SET_TIME =
            handle("timerfd_settime", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));

    private HotCalls() {}

    private static MethodHandle handle(String name, FunctionDescriptor type) {
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), type);
    }

    /** write(2). */
    static long write(int descriptor, long address, long length) {
        try {
            return (long) WRITE.invokeExact(descriptor, address, length);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** read(2). */
    static long read(int descriptor, long address, long length) {
        try {
            return (long) READ.invokeExact(descriptor, address, length);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** poll(2) of one descriptor, without waiting. */
    static int pollNow(long pollfd) {
        try {
            return (int) POLL.invokeExact(pollfd, 1L, 0);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** ppoll(2) of one descriptor; the time is a {@code struct timespec}. */
    static int poll(long pollfd, long timespec) {
        try {
            return (int) PPOLL.invokeExact(pollfd, 1L, timespec, 0L);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** epoll_wait(2); not at all when the time is 0, for ever when it is negative. */
    static int epollWait(int set, long events, int most, int milliseconds) {
        try {
            return (int) EPOLL_WAIT.invokeExact(set, events, most, milliseconds);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** timerfd_settime(2), counted from now; the time is a {@code struct itimerspec}. */
    static int setTime(int timer, long itimerspec) {
        try {
            return (int) SET_TIME.invokeExact(timer, 0, itimerspec, 0L);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    private static AssertionError unexpected(Throwable e) {
        return new AssertionError("a call of C throws nothing", e);
    }
}
