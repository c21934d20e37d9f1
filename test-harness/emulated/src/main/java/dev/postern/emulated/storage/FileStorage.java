package dev.postern.emulated.storage;

import dev.postern.emulated.DiskAccess;
import dev.postern.os.FileHoles;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * An image file, read and written in place, straight from and to guest memory: no cache, no byte touched that was not
 * asked for. The image is locked from opening to closing.
 */
public final class FileStorage implements Storage {

    /** A byte buffer is addressed by an int. */
    private static final long LARGEST_TRANSFER = 1L << 30;

    private static final int ZEROS = 1 << 16;

    private final Path file;
    private final ImageLock lock;
    private final FileChannel channel;
    private final long bytes;

    /** Opened by the first discard, so that a machine without any loads no native code. */
    private FileHoles holes;

    /** Made by the first write of zeros. */
    private ByteBuffer zeros;

    private FileStorage(Path file, ImageLock lock, long bytes) {
        this.file = file;
        this.lock = lock;
        this.channel = lock.channel();
        this.bytes = bytes;
    }

    /**
     * Opens and locks an image.
     *
     * @throws ImageInUseException when another process or machine uses it in a way that excludes ours
     * @throws IOException when it cannot be opened
     */
    public static FileStorage open(Path file, DiskAccess access) throws IOException, ImageInUseException {
        ImageLock lock = ImageLock.take(file, access);
        try {
            return new FileStorage(file, lock, lock.channel().size());
        } catch (IOException e) {
            lock.close();
            throw e;
        }
    }

    @Override
    public long bytes() {
        return bytes;
    }

    @Override
    public void read(long offset, MemorySegment into) throws IOException {
        long done = 0;
        while (done < into.byteSize()) {
            int got = channel.read(buffer(into, done), offset + done);
            if (got < 0) {
                throw new EOFException("the image ends at " + channel.size());
            }
            done += got;
        }
    }

    @Override
    public void write(long offset, MemorySegment from) throws IOException {
        long done = 0;
        while (done < from.byteSize()) {
            done += channel.write(buffer(from, done), offset + done);
        }
    }

    /** A hole, where the file system has such; else nothing. */
    @Override
    public void discard(long offset, long length) throws IOException {
        if (length > 0) {
            holes().punch(offset, length);
        }
    }

    @Override
    public void zero(long offset, long length, Space space) throws IOException {
        if (length == 0 || space == Space.GIVE_BACK && holes().punch(offset, length)) {
            return;
        }
        if (zeros == null) {
            zeros = ByteBuffer.allocateDirect(ZEROS);
        }
        long done = 0;
        while (done < length) {
            zeros.clear().limit((int) Math.min(length - done, zeros.capacity()));
            done += channel.write(zeros, offset + done);
        }
    }

    private FileHoles holes() throws IOException {
        if (holes == null) {
            holes = FileHoles.open(file);
        }
        return holes;
    }

    private static ByteBuffer buffer(MemorySegment segment, long from) {
        return segment.asSlice(from, Math.min(segment.byteSize() - from, LARGEST_TRANSFER))
                .asByteBuffer();
    }

    @Override
    public void flush() throws IOException {
        channel.force(false);
    }

    @Override
    public void close() throws IOException {
        lock.close();
        // Not before: closing any descriptor of a file ends the locks of this process on it.
        if (holes != null) {
            holes.close();
            holes = null;
        }
    }
}
