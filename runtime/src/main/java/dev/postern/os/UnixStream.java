package dev.postern.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import com.sun.jna.LastErrorException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A stream socket between processes of this system that passes descriptors (unix(7)); the JDK's own passes bytes only.
 *
 * <p>No call waits beyond its deadline, and none ends the JVM with a signal. Descriptors that are received are closed when a program is
 * started (close-on-exec).
 *
 * <p><b>Ownership:</b> whoever opens it closes it; afterwards every call finds that the other side has hung up. <b>Threads:</b> one at
 * a time, but for {@link #close()}.
 */
public final class UnixStream implements AutoCloseable {

    /** The most descriptors that go with one message. */
    public static final int MOST_DESCRIPTORS = 16;

    /** The longest path of a socket, in bytes: {@code sun_path} of unix(7), less its end. */
    public static final int LONGEST_PATH = 107;

    private static final int[] NONE = {};

    private final int descriptor;
    private final PollWait wait;
    private final SocketMessage message = new SocketMessage();
    private boolean hungUp;
    private volatile boolean closed;

    private UnixStream(int descriptor) {
        this.descriptor = descriptor;
        this.wait = new PollWait(descriptor);
    }

    /** Both ends of a stream; each is to be closed. */
    public record Pair(UnixStream one, UnixStream other) {}

    /** A stream over a socket that is open and connected; it closes it. */
    static UnixStream over(int descriptor) {
        return new UnixStream(descriptor);
    }

    /**
     * Connects. It does not wait for somebody to listen, only for one who listens to have room for one more.
     *
     * @throws IllegalArgumentException when the path is longer than a socket's name can be
     * @throws StreamException when nobody is there, we may not, or the limit has passed
     * @throws IOException when the system refuses for another reason
     */
    public static UnixStream connect(Path path, Duration limit) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            UnixAddress address = UnixAddress.of(path, arena);
            int descriptor = open();
            try {
                limitConnect(descriptor, limit, arena);
                connect(descriptor, address);
                return new UnixStream(descriptor);
            } catch (LastErrorException e) {
                LibC.close(descriptor);
                throw refused(path, e);
            }
        }
    }

    private static int open() throws IOException {
        try {
            return LibC.socket(LibC.AF_UNIX, LibC.STREAM_CLOEXEC, 0);
        } catch (LastErrorException e) {
            throw new IOException("cannot make a socket: " + e.getMessage(), e);
        }
    }

    /** connect(2) waits for room among those who wait to be accepted, and this bounds it; 0 would mean for ever. */
    private static void limitConnect(int descriptor, Duration limit, Arena arena) {
        long micros = Math.clamp(limit.toNanos() / 1000, 1, 3_600_000_000L);
        MemorySegment time = arena.allocate(16, 8);
        time.set(JAVA_LONG, 0, micros / 1_000_000);
        time.set(JAVA_LONG, 8, micros % 1_000_000);
        LibC.setsockopt(descriptor, LibC.SOL_SOCKET, LibC.SO_SNDTIMEO, time.address(), (int) time.byteSize());
    }

    private static void connect(int descriptor, UnixAddress address) {
        while (true) {
            try {
                LibC.connect(descriptor, address.address(), address.length());
                return;
            } catch (LastErrorException e) {
                if (e.getErrorCode() != LibC.EINTR) {
                    throw e;
                }
            }
        }
    }

    private static IOException refused(Path path, LastErrorException e) {
        return switch (e.getErrorCode()) {
            case LibC.ENOENT, LibC.ENOTDIR ->
                new StreamException(StreamException.Reason.ABSENT, "there is no socket " + path, e);
            case LibC.ECONNREFUSED ->
                new StreamException(StreamException.Reason.NOBODY_LISTENS, "nobody listens at " + path, e);
            case LibC.EACCES ->
                new StreamException(StreamException.Reason.NOT_PERMITTED, "no permission to connect to " + path, e);
            case LibC.EAGAIN ->
                new StreamException(
                        StreamException.Reason.TOO_LATE, path + " is busy: it takes no further connection", e);
            default -> new IOException("cannot connect to %s: %s".formatted(path, e.getMessage()), e);
        };
    }

    /**
     * Two streams that are connected with each other.
     *
     * @throws IOException when the system has no more descriptors
     */
    public static Pair pair() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment both = arena.allocate(JAVA_INT, 2);
            LibC.socketpair(LibC.AF_UNIX, LibC.STREAM_CLOEXEC, 0, both.address());
            return new Pair(new UnixStream(both.getAtIndex(JAVA_INT, 0)), new UnixStream(both.getAtIndex(JAVA_INT, 1)));
        } catch (LastErrorException e) {
            throw new IOException("cannot make a pair of sockets: " + e.getMessage(), e);
        }
    }

    /** The socket; the stream's own, and open until {@link #close()}. */
    public int descriptor() {
        return descriptor;
    }

    /**
     * Sends all remaining bytes; descriptors go with the first of them and stay the caller's.
     *
     * @param bytes at least one
     * @param descriptors at most {@link #MOST_DESCRIPTORS}
     * @param deadlineNanos of {@link System#nanoTime()}
     * @throws StreamException when the other side has hung up, or takes nothing before the deadline; part of it may have been sent
     * @throws IOException when the system refuses for another reason
     */
    public void send(ByteBuffer bytes, int[] descriptors, long deadlineNanos) throws IOException {
        if (!bytes.hasRemaining() || descriptors.length > MOST_DESCRIPTORS) {
            throw new IllegalArgumentException(
                    "%d bytes with %d descriptors: give at least 1 byte and at most %d descriptors"
                            .formatted(bytes.remaining(), descriptors.length, MOST_DESCRIPTORS));
        }
        checkOpen();
        int[] unsent = descriptors;
        while (bytes.hasRemaining()) {
            message.fill(bytes, unsent);
            int sent = sendSome(deadlineNanos);
            if (sent > 0) {
                bytes.position(bytes.position() + sent);
                unsent = NONE;
            }
        }
    }

    /** Sends what there is room for; 0 when there was none and there may be now. */
    private int sendSome(long deadlineNanos) throws IOException {
        try {
            return (int) LibC.sendmsg(descriptor, message.address(), LibC.DONTWAIT_NOSIGNAL);
        } catch (LastErrorException e) {
            switch (e.getErrorCode()) {
                case LibC.EINTR -> {
                    return 0;
                }
                case LibC.EAGAIN -> {
                    if (wait.until(PollWait.OUT, deadlineNanos) == 0) {
                        throw new StreamException(
                                StreamException.Reason.TOO_LATE, "the other side took nothing in time", e);
                    }
                    return 0;
                }
                case LibC.EPIPE, LibC.ECONNRESET -> throw hangUp("the other side has hung up", e);
                default -> throw new IOException("cannot send: " + e.getMessage(), e);
            }
        }
    }

    /**
     * Receives until the buffer is full.
     *
     * @param into with room for at least one byte; what was received before a failure is in it
     * @param deadlineNanos of {@link System#nanoTime()}; one in the past takes what is there
     * @return the descriptors that came with the bytes, which are the caller's to close ({@link OpenDescriptors#close})
     * @throws StreamException when the other side hung up, sent less before the deadline, or sent more than {@link #MOST_DESCRIPTORS}
     *     descriptors; those that came are closed then
     * @throws IOException when the system refuses for another reason
     */
    public int[] receive(ByteBuffer into, long deadlineNanos) throws IOException {
        List<Integer> received = new ArrayList<>();
        int wanted = into.remaining();
        checkOpen();
        try {
            while (into.hasRemaining()) {
                receiveSome(into, wanted, received, deadlineNanos);
            }
            return received.stream().mapToInt(Integer::intValue).toArray();
        } catch (IOException | RuntimeException e) {
            OpenDescriptors.closeAll(received);
            throw e;
        }
    }

    private void receiveSome(ByteBuffer into, int wanted, List<Integer> received, long deadlineNanos)
            throws IOException {
        int had = wanted - into.remaining();
        if (wait.until(PollWait.IN, deadlineNanos) == 0) {
            throw new StreamException(
                    StreamException.Reason.TOO_LATE,
                    "the other side sent %d of %d bytes in time".formatted(had, wanted),
                    null);
        }
        message.clear(into.remaining());
        long count;
        try {
            count = LibC.recvmsg(descriptor, message.address(), LibC.DONTWAIT_CLOEXEC);
        } catch (LastErrorException e) {
            switch (e.getErrorCode()) {
                case LibC.EINTR, LibC.EAGAIN -> {
                    return;
                }
                case LibC.ECONNRESET -> throw hangUp(afterBytes(had, wanted), e);
                default -> throw new IOException("cannot receive: " + e.getMessage(), e);
            }
        }
        for (int came : message.descriptors()) {
            received.add(came);
        }
        if (message.truncated() || received.size() > MOST_DESCRIPTORS) {
            throw new StreamException(
                    StreamException.Reason.MALFORMED,
                    "the other side sent more than %d descriptors".formatted(MOST_DESCRIPTORS),
                    null);
        }
        if (count == 0) {
            throw hangUp(afterBytes(had, wanted), null);
        }
        message.drain(into, (int) count);
    }

    private static String afterBytes(int had, int wanted) {
        return "the other side hung up after %d of %d bytes".formatted(had, wanted);
    }

    private StreamException hangUp(String what, Throwable cause) {
        hungUp |= cause == null;
        return new StreamException(StreamException.Reason.HUNG_UP, what, cause);
    }

    /** Whether bytes can be received now. Does not wait. */
    public boolean hasArrivals() {
        return !closed && wait.now(PollWait.IN) != 0 && peek() > 0;
    }

    /**
     * Whether the other side has closed the stream, or its writing side, and nothing is left to be received. Does not wait; stays true. One
     * system call while the stream is open: about 0.3 µs.
     */
    public boolean hungUp() {
        if (!hungUp && !closed && wait.now(PollWait.READ_HANG_UP) != 0) {
            hungUp = peek() == 0;
        }
        return hungUp || closed;
    }

    /** The number may be another's by now. */
    private void checkOpen() throws StreamException {
        if (closed) {
            throw new StreamException(StreamException.Reason.HUNG_UP, "the stream was closed here", null);
        }
    }

    /** How many bytes are there, up to 1; 0 at the end of the stream; negative when nothing is there yet. */
    private long peek() {
        try (Arena arena = Arena.ofConfined()) {
            return LibC.recv(descriptor, arena.allocate(1).address(), 1, LibC.PEEK_DONTWAIT);
        } catch (LastErrorException e) {
            // A reset is told once, and behind it is the end.
            return e.getErrorCode() == LibC.ECONNRESET ? 0 : -1;
        }
    }

    /** Says that nothing more will be sent; the other side reads the end of the stream and can still send. Never throws. */
    public void finish() {
        if (closed) {
            return;
        }
        try {
            LibC.shutdown(descriptor, LibC.SHUT_WR);
        } catch (LastErrorException e) {
            // The other side has gone, and hears nothing either way.
        }
    }

    /** Closes this end. Safe to call twice; never throws. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            OpenDescriptors.close(descriptor);
        }
    }
}
