package dev.postern.attach;

import dev.postern.machine.RamRegion;
import dev.postern.os.MemoryFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * All RAM of the guest: the file that other processes map too, and, on a secure platform, private RAM that they do not.
 *
 * <p>Private RAM is an anonymous mapping of this JVM. No descriptor of it exists, so it cannot be passed on.
 *
 * <p><b>Ownership:</b> the machine's, which closes it. <b>Threads:</b> safe from any thread.
 */
final class GuestMemory implements AutoCloseable {

    private static final long PAGE = 4096;

    private final RamMap map;
    private final MemoryFile file;
    private final List<RamRegion> shareable;
    private final Optional<Arena> privateArena;
    private final Optional<RamRegion> privateRam;

    private GuestMemory(RamMap map, MemoryFile file, Optional<Arena> privateArena, long privateBytes) {
        this.map = map;
        this.file = file;
        this.shareable = map.regions(file);
        this.privateArena = privateArena;
        this.privateRam = privateArena.map(arena -> new RamRegion(map.privatePa(), arena.allocate(privateBytes, PAGE)));
    }

    /**
     * RAM that others may have wholly.
     *
     * @param file of the map's size; closed with this
     */
    static GuestMemory shared(RamMap map, MemoryFile file) {
        return new GuestMemory(map, file, Optional.empty(), 0);
    }

    /**
     * A window that others may have, and private RAM.
     *
     * @param window where the window lies
     * @param file of the window's size; closed with this, and when this fails
     * @param privateBytes whole MiB
     */
    static GuestMemory withPrivate(RamMap window, MemoryFile file, long privateBytes) throws IOException {
        Arena arena = Arena.ofShared();
        try {
            return new GuestMemory(window, file, Optional.of(arena), privateBytes);
        } catch (OutOfMemoryError e) {
            arena.close();
            file.close();
            throw new IOException(
                    "no memory for %d bytes of private RAM: ask for less, or raise -XX:MaxDirectMemorySize"
                            .formatted(privateBytes),
                    e);
        }
    }

    /** Where RAM lies. */
    RamMap map() {
        return map;
    }

    /** The file behind the RAM that others may have. */
    MemoryFile file() {
        return file;
    }

    /** The RAM that others may have. */
    List<RamRegion> shareable() {
        return shareable;
    }

    /** The RAM that nobody else has. */
    Optional<RamRegion> privateRam() {
        return privateRam;
    }

    /** All regions, ascending. */
    List<RamRegion> regions() {
        return Stream.concat(shareable.stream(), privateRam.stream()).toList();
    }

    /** Whether any byte of the range is RAM. */
    boolean touches(long pa, int length) {
        return map.touches(pa, length)
                || privateRam.isPresent()
                        && pa + length > privateRam.get().basePa()
                        && pa < privateRam.get().endPa();
    }

    /** Refuses an access that is not one to a register: one that is not aligned, or to RAM. */
    void checkRegister(long pa, int bytes) {
        if ((pa & bytes - 1) != 0 || touches(pa, bytes)) {
            throw new IllegalArgumentException("register access of %d bytes at 0x%x: %s"
                    .formatted(
                            bytes,
                            pa,
                            (pa & bytes - 1) != 0
                                    ? "the address must be a multiple of the width"
                                    : "that is RAM; use its segment"));
        }
    }

    /** Where a needle is in what others can read of us, as offsets into the file, ascending. */
    List<Long> find(byte[] needle) throws IOException {
        MemorySegment bytes = file.segment();
        return new NeedleSearch(needle).in(0, bytes.byteSize(), (at, into, offset, length) -> {
            MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, at, into, offset, length);
            return length;
        });
    }

    /**
     * Gives all of it back.
     *
     * @throws IllegalStateException when another thread is inside a call on it; what it uses stays until the JVM ends
     */
    @Override
    public void close() {
        try {
            file.close();
        } finally {
            privateArena.filter(arena -> arena.scope().isAlive()).ifPresent(Arena::close);
        }
    }
}
