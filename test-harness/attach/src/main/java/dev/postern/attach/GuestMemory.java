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
 * All RAM of the guest: the file that QEMU maps too, and, on a secure platform, private RAM that it does not.
 *
 * <p>Private RAM is an anonymous mapping of this JVM, from 4 GiB on. QEMU has nothing there, since all its own RAM lies
 * below, and the guest places 64-bit BARs above the top of RAM. No descriptor of it exists, so it cannot be passed on.
 *
 * <p><b>Ownership:</b> the machine's, which closes it. <b>Threads:</b> safe from any thread.
 */
final class GuestMemory implements AutoCloseable {

    static final long PRIVATE_PA = 1L << 32;

    private static final long PAGE = 4096;

    private final RamLayout layout;
    private final MemoryFile file;
    private final List<RamRegion> shareable;
    private final Optional<Arena> privateArena;
    private final Optional<RamRegion> privateRam;

    private GuestMemory(RamLayout layout, MemoryFile file, Optional<Arena> privateArena, long privateBytes) {
        this.layout = layout;
        this.file = file;
        this.shareable = layout.regions(file.segment());
        this.privateArena = privateArena;
        this.privateRam = privateArena.map(arena -> new RamRegion(PRIVATE_PA, arena.allocate(privateBytes, PAGE)));
    }

    /** RAM that is wholly QEMU's too. */
    static GuestMemory shared(RamLayout layout) throws IOException {
        return new GuestMemory(layout, MemoryFile.create("postern-ram", layout.bytes()), Optional.empty(), 0);
    }

    /**
     * A window that QEMU maps, and private RAM.
     *
     * @param window where the window lies: wholly below 4 GiB
     * @param privateBytes whole MiB
     */
    static GuestMemory withPrivate(RamLayout window, long privateBytes) throws IOException {
        MemoryFile file = MemoryFile.create("postern-window", window.bytes());
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

    /** Where RAM lies that QEMU has. */
    RamLayout layout() {
        return layout;
    }

    /** The file behind the RAM that QEMU has. */
    MemoryFile file() {
        return file;
    }

    /** The RAM that QEMU has. */
    List<RamRegion> shareable() {
        return shareable;
    }

    /** The RAM that it does not have. */
    Optional<RamRegion> privateRam() {
        return privateRam;
    }

    /** All regions, ascending. */
    List<RamRegion> regions() {
        return Stream.concat(shareable.stream(), privateRam.stream()).toList();
    }

    /** Whether any byte of the range is RAM. */
    boolean touches(long pa, int length) {
        return layout.touches(pa, length)
                || privateRam.isPresent()
                        && pa + length > PRIVATE_PA
                        && pa < privateRam.get().endPa();
    }

    /** Where a needle is in what QEMU can read of us, as offsets into the file, ascending. */
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
