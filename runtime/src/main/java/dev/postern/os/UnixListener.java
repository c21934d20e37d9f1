package dev.postern.os;

import com.sun.jna.LastErrorException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A socket that takes connections of other processes of this system (unix(7)).
 *
 * <p><b>Ownership:</b> whoever opens it closes it, which removes the socket's name. <b>Threads:</b> one at a time, but for
 * {@link #close()}.
 */
public final class UnixListener implements AutoCloseable {

    private final Path path;
    private final int descriptor;
    private final PollWait wait;
    private boolean closed;

    private UnixListener(Path path, int descriptor) {
        this.path = path;
        this.descriptor = descriptor;
        this.wait = new PollWait(descriptor);
    }

    /**
     * Listens.
     *
     * @param path must not exist, and is made
     * @param backlog how many may wait to be accepted, 0 or more; the system adds one
     * @throws IllegalArgumentException when the path is longer than a socket's name can be
     * @throws IOException when the system refuses, with its reason
     */
    public static UnixListener listen(Path path, int backlog) throws IOException {
        int descriptor = -1;
        try (Arena arena = Arena.ofConfined()) {
            UnixAddress address = UnixAddress.of(path, arena);
            descriptor = LibC.socket(LibC.AF_UNIX, LibC.STREAM_CLOEXEC, 0);
            LibC.bind(descriptor, address.address(), address.length());
            LibC.listen(descriptor, backlog);
            return new UnixListener(path, descriptor);
        } catch (LastErrorException e) {
            if (descriptor >= 0) {
                LibC.close(descriptor);
            }
            throw new IOException("cannot listen at %s: %s".formatted(path, e.getMessage()), e);
        }
    }

    /** Where it listens. */
    public Path path() {
        return path;
    }

    /**
     * Waits for somebody to connect.
     *
     * @throws StreamException when nobody came within the limit
     * @throws IOException when the system refuses, or this was closed meanwhile
     */
    public UnixStream accept(Duration limit) throws IOException {
        if (wait.until(PollWait.IN, System.nanoTime() + limit.toNanos()) == 0) {
            throw new StreamException(
                    StreamException.Reason.TOO_LATE,
                    "nobody connected to %s within %d ms".formatted(path, limit.toMillis()),
                    null);
        }
        try {
            return UnixStream.over(LibC.accept4(descriptor, 0, 0, LibC.SOCK_CLOEXEC));
        } catch (LastErrorException e) {
            throw new IOException("cannot accept at %s: %s".formatted(path, e.getMessage()), e);
        }
    }

    /** Listens no more and removes the name; what was accepted stays open. Safe to call twice; never throws. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        OpenDescriptors.close(descriptor);
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            // The folder has gone or is no longer ours, and the name with it.
        }
    }
}
