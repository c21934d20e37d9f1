package dev.postern.lab.evaluate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A folder for images that are looked at once, in memory where the system has such files. Closing it takes all of it away. */
public final class ImageFolder implements AutoCloseable {

    private static final Path SHARED_MEMORY = Path.of("/dev/shm");
    private static final long ROOM_BYTES = 64L << 20;

    private final Path path;

    private ImageFolder(Path path) {
        this.path = path;
    }

    /** Makes one of its own for the caller, who closes it. */
    public static ImageFolder open() throws IOException {
        boolean room = Files.isWritable(SHARED_MEMORY)
                && Files.getFileStore(SHARED_MEMORY).getUsableSpace() > ROOM_BYTES;
        return new ImageFolder(
                room
                        ? Files.createTempDirectory(SHARED_MEMORY, "postern-evaluate")
                        : Files.createTempDirectory("postern-evaluate"));
    }

    /** Where it is. */
    public Path path() {
        return path;
    }

    @Override
    public void close() throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(path)) {
            files = all.toList();
        }
        for (Path file : files) {
            Files.deleteIfExists(file);
        }
        Files.deleteIfExists(path);
    }
}
