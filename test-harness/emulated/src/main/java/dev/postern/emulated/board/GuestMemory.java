package dev.postern.emulated.board;

import dev.postern.machine.RamRegion;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The RAM: one mapping of a file that has no name any more, seen as a low region from address 0 and a high one from
 * 4 GiB. A mapping costs nothing for what is never touched, unlike allocated memory, which is zeroed first.
 */
public final class GuestMemory implements AutoCloseable {

    /** Where the RAM that does not fit below the hole continues. */
    public static final long HIGH_BASE = 1L << 32;

    private static final Path SHARED_MEMORY = Path.of("/dev/shm");

    private static final AtomicLong NAMES = new AtomicLong();

    private static final Set<StandardOpenOption> CREATION =
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);

    private static final FileAttribute<?>[] OWNER_ONLY =
            FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                    ? new FileAttribute<?>[] {
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                    }
                    : new FileAttribute<?>[0];

    private final Arena arena;
    private final List<RamRegion> regions;

    private GuestMemory(Arena arena, List<RamRegion> regions) {
        this.arena = arena;
        this.regions = regions;
    }

    /**
     * Maps zeroed RAM.
     *
     * @param bytes all of it, whole pages
     * @param lowBytes how much of it lies at address 0, whole pages, at most {@code bytes}
     * @throws IOException when neither shared memory nor the temporary folder has room for the backing file
     */
    public static GuestMemory map(long bytes, long lowBytes) throws IOException {
        Path file = freshName(folder(bytes));
        Arena arena = Arena.ofShared();
        try (FileChannel channel = FileChannel.open(file, CREATION, OWNER_ONLY)) {
            Files.delete(file);
            MemorySegment all = channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes, arena);
            RamRegion low = new RamRegion(0, all.asSlice(0, lowBytes));
            if (lowBytes == bytes) {
                return new GuestMemory(arena, List.of(low));
            }
            return new GuestMemory(arena, List.of(low, new RamRegion(HIGH_BASE, all.asSlice(lowBytes))));
        } catch (IOException | RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    /** A name that no other machine uses. Files.createTempFile would do, but starts the secure random generator: 100 ms. */
    private static Path freshName(Path folder) {
        return folder.resolve("postern-ram-" + ProcessHandle.current().pid() + "-" + System.nanoTime() + "-"
                + NAMES.incrementAndGet());
    }

    private static Path folder(long bytes) throws IOException {
        if (Files.isWritable(SHARED_MEMORY) && Files.getFileStore(SHARED_MEMORY).getUsableSpace() > bytes) {
            return SHARED_MEMORY;
        }
        return Path.of(System.getProperty("java.io.tmpdir"));
    }

    /** The regions, ascending. */
    public List<RamRegion> regions() {
        return regions;
    }

    /** The region at address 0. */
    public MemorySegment low() {
        return regions.getFirst().segment();
    }

    /** The region that holds the whole range, or null when no single one does. */
    public RamRegion regionOf(long pa, long length) {
        for (int i = 0; i < regions.size(); i++) {
            RamRegion region = regions.get(i);
            if (region.contains(pa, length)) {
                return region;
            }
        }
        return null;
    }

    @Override
    public void close() {
        arena.close();
    }
}
