package dev.postern.os;

import com.sun.jna.LastErrorException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Memory that another process can map: a file without a name, on no disk (memfd_create(2)).
 *
 * <p>The size of one that is made here is sealed, so that no process that opens it can shrink it under us: an access beyond the end of
 * a file that shrank would end the JVM with SIGBUS.
 *
 * <p><b>Ownership:</b> whoever creates it closes it. The memory is given back when this and every other process that mapped it have let
 * go, however they end.
 *
 * <p><b>Threads:</b> safe from any thread; the segment may be used by all of them.
 */
public final class MemoryFile implements AutoCloseable {

    /** The size stays; and nobody adds a seal, for one against writing would keep the next process from mapping it. */
    private static final int SEALS = LibC.F_SEAL_SHRINK | LibC.F_SEAL_GROW | LibC.F_SEAL_SEAL;

    private static final long SMALL_PAGE = 4096;

    /** {@code struct statfs} of a 64-bit system. */
    private static final long FILE_SYSTEM_BYTES = 120;

    private static final long BLOCK_SIZE = 8;

    private final int descriptor;
    private final Arena arena;
    private final MemorySegment segment;
    private final long pageBytes;
    private boolean closed;

    private MemoryFile(int descriptor, Arena arena, MemorySegment segment, long pageBytes) {
        this.descriptor = descriptor;
        this.arena = arena;
        this.segment = segment;
        this.pageBytes = pageBytes;
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
        checkSize(bytes, SMALL_PAGE);
        int descriptor = newFile(name, LibC.MFD_CLOEXEC | LibC.MFD_ALLOW_SEALING);
        Arena arena = Arena.ofShared();
        try {
            LibC.ftruncate(descriptor, bytes);
            LibC.fcntl(descriptor, LibC.F_ADD_SEALS, SEALS);
            return new MemoryFile(descriptor, arena, mapWhole(descriptor, bytes, arena), SMALL_PAGE);
        } catch (LastErrorException | IOException e) {
            arena.close();
            LibC.close(descriptor);
            throw new IOException(
                    "cannot make a memory file of %d bytes (%s): ask for less, or free memory"
                            .formatted(bytes, e.getMessage()),
                    e);
        }
    }

    /**
     * Creates and maps zeroed memory in pages of 2 MiB, all of which are taken from the system's pool at once: a huge page that is
     * missing when it is first touched would end in SIGBUS. What remains is a process that was given the descriptor: it can make a hole
     * (fallocate(2)), and the next touch needs a page that somebody else may have taken since.
     *
     * @param name shown by the system where it lists open files; needs not be unique; at most 249 bytes
     * @param bytes its size, a positive multiple of {@link HugePages#BYTES}
     * @throws IllegalArgumentException when the size is not that
     * @throws IOException when the pool has too few pages, or the system has no such pool; nothing has been taken then
     */
    public static MemoryFile createHuge(String name, long bytes) throws IOException {
        checkSize(bytes, HugePages.BYTES);
        int descriptor = newFile(name, LibC.MFD_CLOEXEC | LibC.MFD_ALLOW_SEALING | LibC.MFD_HUGE_2MB);
        Arena arena = Arena.ofShared();
        try {
            LibC.ftruncate(descriptor, bytes);
            // The mapping reserves the pages, and fails where there are too few; the file then takes them.
            MemorySegment segment = mapWhole(descriptor, bytes, arena);
            LibC.fallocate(descriptor, 0, 0, bytes);
            LibC.fcntl(descriptor, LibC.F_ADD_SEALS, SEALS);
            return new MemoryFile(descriptor, arena, segment, HugePages.BYTES);
        } catch (LastErrorException | IOException e) {
            arena.close();
            LibC.close(descriptor);
            throw new IOException(
                    "cannot take %d huge pages (%s): add some to /proc/sys/vm/nr_hugepages, or use small ones"
                            .formatted(bytes / HugePages.BYTES, e.getMessage()),
                    e);
        }
    }

    /**
     * Maps memory that another process made and whose descriptor was received. Its size is looked at before, for what lies beyond the
     * end ends the JVM with SIGBUS when it is touched; whether it can shrink later is {@link #isSealed()}.
     *
     * @param descriptor closed with this; it stays the caller's when this throws
     * @param offset of the first byte that is mapped, a multiple of the size of its pages
     * @param bytes how many, positive
     * @throws IOException when the file is smaller, may not be written, or cannot be mapped at this offset
     */
    public static MemoryFile map(int descriptor, long offset, long bytes) throws IOException {
        Arena arena = Arena.ofShared();
        try (FileChannel channel = open(descriptor)) {
            long size = channel.size();
            if (offset < 0 || bytes <= 0 || offset > size || bytes > size - offset) {
                throw new IOException("memory from %d of %d bytes in a file of %d bytes: it must lie inside"
                        .formatted(offset, bytes, size));
            }
            MemorySegment segment = channel.map(FileChannel.MapMode.READ_WRITE, offset, bytes, arena);
            return new MemoryFile(descriptor, arena, segment, blockSize(descriptor));
        } catch (IOException | RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    private static void checkSize(long bytes, long page) {
        if (bytes <= 0 || bytes % page != 0) {
            throw new IllegalArgumentException(
                    "a memory file of %d bytes: give a positive multiple of %d".formatted(bytes, page));
        }
    }

    private static int newFile(String name, int flags) throws IOException {
        try {
            return LibC.memfd_create(name, flags);
        } catch (LastErrorException e) {
            throw new IOException("cannot create a memory file: " + e.getMessage(), e);
        }
    }

    private static MemorySegment mapWhole(int descriptor, long bytes, Arena arena) throws IOException {
        try (FileChannel channel = open(descriptor)) {
            return channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes, arena);
        }
    }

    /** The JDK maps only what it opened itself, and the system lets it open a descriptor again under this name. */
    private static FileChannel open(int descriptor) throws IOException {
        return FileChannel.open(ours(descriptor), StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    private static Path ours(int descriptor) {
        return Path.of("/proc/self/fd/" + descriptor);
    }

    /** The file system of huge pages says their size as that of its blocks; that of small ones says 4096 (fstatfs(2)). */
    private static long blockSize(int descriptor) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment found = arena.allocate(FILE_SYSTEM_BYTES, 8);
            LibC.fstatfs(descriptor, found.address());
            return found.get(ValueLayout.JAVA_LONG, BLOCK_SIZE);
        } catch (LastErrorException e) {
            throw new IOException("descriptor %d: %s".formatted(descriptor, e.getMessage()), e);
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

    /** Size of the pages behind it, in bytes. */
    public long pageBytes() {
        return pageBytes;
    }

    /**
     * Whether nobody can shrink it.
     *
     * @throws IOException when it is no file that can be sealed, or was closed
     */
    public boolean isSealed() throws IOException {
        try {
            return (LibC.fcntl(descriptor, LibC.F_GET_SEALS, 0) & LibC.F_SEAL_SHRINK) != 0;
        } catch (LastErrorException e) {
            throw new IOException("descriptor %d cannot be sealed: %s".formatted(descriptor, e.getMessage()), e);
        }
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
