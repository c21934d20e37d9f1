package dev.postern.os;

import com.sun.jna.LastErrorException;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Gives back the space behind parts of a file, which then read as zeros (fallocate(2)). The JDK has no way to do that.
 *
 * <p>It opens the file a second time. When that descriptor is closed, this process loses the locks it holds on the file (fcntl(2)): close it
 * no earlier than whatever holds such locks.
 *
 * <p><b>Threads:</b> safe from any thread, but for {@link #close()}, which is the last call.
 */
public final class FileHoles implements AutoCloseable {

    private static final int EOPNOTSUPP = 95;

    private final Path file;
    private final int descriptor;

    private FileHoles(Path file, int descriptor) {
        this.file = file;
        this.descriptor = descriptor;
    }

    /**
     * Opens a file for writing.
     *
     * @throws IOException when it cannot be opened
     */
    public static FileHoles open(Path file) throws IOException {
        try {
            return new FileHoles(file, LibC.open(file.toAbsolutePath().toString(), LibC.O_RDWR_CLOEXEC));
        } catch (LastErrorException e) {
            throw new IOException("cannot open %s: %s".formatted(file, e.getMessage()), e);
        }
    }

    /**
     * Makes a hole. The size of the file stays.
     *
     * @param offset of its first byte
     * @param length at least 1; only whole blocks of the file system are given back, and the rest is written with zeros
     * @return false when the file system knows no holes; nothing has changed then
     * @throws IOException when it failed for another reason
     */
    public boolean punch(long offset, long length) throws IOException {
        try {
            LibC.fallocate(descriptor, LibC.PUNCH_HOLE_KEEP_SIZE, offset, length);
            return true;
        } catch (LastErrorException e) {
            if (e.getErrorCode() == EOPNOTSUPP || e.getErrorCode() == LibC.ENOSYS) {
                return false;
            }
            throw new IOException("cannot make a hole in %s: %s".formatted(file, e.getMessage()), e);
        }
    }

    @Override
    public void close() {
        LibC.close(descriptor);
    }
}
