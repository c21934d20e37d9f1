package dev.postern.emulated.storage;

import dev.postern.emulated.DiskAccess;
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

    private final ImageLock lock;
    private final FileChannel channel;
    private final long bytes;

    private FileStorage(ImageLock lock, long bytes) {
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
            return new FileStorage(lock, lock.channel().size());
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
    }
}
