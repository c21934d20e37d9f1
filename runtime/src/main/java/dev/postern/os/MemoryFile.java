package dev.postern.os;

import com.sun.jna.LastErrorException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Memory that another process can map: a file without a name, on no disk (memfd_create(2)).
 *
 * <p>Its size is sealed, so that no process that opens it can shrink it under us: an access beyond the end of a file
 * that shrank would end the JVM with SIGBUS.
 *
 * <p><b>Ownership:</b> whoever creates it closes it. The memory is given back when this and every other process that
 * mapped it have let go, however they end.
 *
 * <p><b>Threads:</b> safe from any thread; the segment may be used by all of them.
 */
public final class MemoryFile implements AutoCloseable {

    private final int descriptor;
    private final Arena arena;
    private final MemorySegment segment;
    private boolean closed;

    private MemoryFile(int descriptor, Arena arena, MemorySegment segment) {
        this.descriptor = descriptor;
        this.arena = arena;
        this.segment = segment;
    }

    /**
     * Creates and maps zeroed memory. Pages are taken from the system when they are first touched.
     *
     * @param name shown by the system where it lists open files; needs not be unique; at most 249 bytes
     * @param bytes its size, a positive multiple of 4096
     * @throws IllegalArgumentException when the size is not that
     * @throws IOException when the system refuses, with its reason
     */
    public static MemoryFile create(String name, long bytes) throws IOException {
        if (bytes <= 0 || (bytes & 0xfff) != 0) {
            throw new IllegalArgumentException(
                    "a memory file of " + bytes + " bytes: give a positive multiple of 4096");
        }
        int descriptor;
        try {
            descriptor = LibC.memfd_create(name, LibC.MFD_CLOEXEC | LibC.MFD_ALLOW_SEALING);
        } catch (LastErrorException e) {
            throw new IOException("cannot create a memory file: " + e.getMessage(), e);
        }
        Arena arena = Arena.ofShared();
        try {
            LibC.ftruncate(descriptor, bytes);
            LibC.fcntl(descriptor, LibC.F_ADD_SEALS, LibC.F_SEAL_SHRINK | LibC.F_SEAL_GROW);
            return new MemoryFile(descriptor, arena, map(descriptor, bytes, arena));
        } catch (LastErrorException | IOException e) {
            arena.close();
            LibC.close(descriptor);
            throw new IOException(
                    "cannot make a memory file of %d bytes (%s): ask for less, or free memory"
                            .formatted(bytes, e.getMessage()),
                    e);
        }
    }

    /** The JDK maps only what it opened itself, and the system lets it open a descriptor again under this name. */
    private static MemorySegment map(int descriptor, long bytes, Arena arena) throws IOException {
        Path self = Path.of("/proc/self/fd/" + descriptor);
        try (FileChannel channel = FileChannel.open(self, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes, arena);
        }
    }

    /** The memory; valid until {@link #close()}. */
    public MemorySegment segment() {
        return segment;
    }

    /** Size in bytes. */
    public long size() {
        return segment.byteSize();
    }

    /** The file descriptor, to be passed to another process; it stays ours and is valid until {@link #close()}. */
    public int descriptor() {
        return descriptor;
    }

    /**
     * A name under which another process of the same user can open the memory as long as we run and have not closed it.
     * What it has opened or mapped by then stays valid for it.
     */
    public Path path() {
        return Path.of("/proc/" + ProcessHandle.current().pid() + "/fd/" + descriptor);
    }

    /**
     * Unmaps the memory and closes the descriptor. A later access to the segment throws IllegalStateException. Safe to
     * call twice.
     *
     * @throws IllegalStateException when a call that uses the segment is still running in another thread; nothing has
     *     been freed then, and the caller may try again
     */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        arena.close();
        closed = true;
        LibC.close(descriptor);
    }
}
