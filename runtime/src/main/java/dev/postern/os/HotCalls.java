package dev.postern.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Optional;

/**
 * The C library's functions that are called for every request or wait, by the foreign-function API: a call costs about 10 ns beside the
 * system's own time, where JNA adds 100 to 160 ns, and allocates nothing.
 *
 * <p>Addresses are passed as numbers, so that no call looks up the life of a segment: the caller keeps the memory alive. Those that never
 * wait are "critical": they do not tell the JVM that the thread is away.
 */
@SuppressWarnings("restricted")
final class HotCalls {

    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private static final FunctionDescriptor BYTES = FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG);

    private static final MethodHandle WRITE = handle("write", BYTES, Linker.Option.critical(false));
    private static final MethodHandle READ = handle("read", BYTES, Linker.Option.critical(false));
    private static final MethodHandle POLL = handle(
            "poll", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT), Linker.Option.critical(false));
    private static final MethodHandle PPOLL =
            handle("ppoll", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle EPOLL_NOW = handle(
            "epoll_wait",
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT),
            Linker.Option.critical(false));
    private static final MethodHandle EPOLL_WAIT = handle(
            "epoll_wait",
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT),
            Linker.Option.captureCallState("errno"));

    /** Since Linux 5.11 and glibc 2.35. */
    private static final Optional<MethodHandle> EPOLL_PWAIT2 = LINKER.defaultLookup()
            .find("epoll_pwait2")
            .map(address -> LINKER.downcallHandle(
                    address,
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG),
                    Linker.Option.captureCallState("errno")));

    private static final MethodHandle EPOLL_WAIT_EXACTLY = EPOLL_PWAIT2.orElse(null);

    private HotCalls() {}

    private static MethodHandle handle(String name, FunctionDescriptor type, Linker.Option... options) {
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), type, options);
    }

    /** Where a call leaves its error, and how large that is. */
    static StructLayout stateLayout() {
        return STATE;
    }

    /** The error that a call has left. */
    static int errno(MemorySegment state) {
        return (int) ERRNO.get(state, 0L);
    }

    /** write(2), of a descriptor that does not wait. */
    static long write(int descriptor, long address, long length) {
        try {
            return (long) WRITE.invokeExact(descriptor, address, length);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** read(2), of a descriptor that does not wait. */
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

    /** epoll_wait(2), without waiting. */
    static int epollNow(int set, long events, int most) {
        try {
            return (int) EPOLL_NOW.invokeExact(set, events, most, 0);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** epoll_wait(2). */
    static int epollWait(MemorySegment state, int set, long events, int most, int milliseconds) {
        try {
            return (int) EPOLL_WAIT.invokeExact(state, set, events, most, milliseconds);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** Whether the C library has {@link #epollWaitExactly}; the kernel may still answer ENOSYS. */
    static boolean hasExactWait() {
        return EPOLL_WAIT_EXACTLY != null;
    }

    /** epoll_pwait2(2), without a signal mask; the time is a {@code struct timespec}. */
    static int epollWaitExactly(MemorySegment state, int set, long events, int most, long timespec) {
        try {
            return (int) EPOLL_WAIT_EXACTLY.invokeExact(state, set, events, most, timespec, 0L);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    private static AssertionError unexpected(Throwable e) {
        return new AssertionError("a call of C throws nothing", e);
    }
}
