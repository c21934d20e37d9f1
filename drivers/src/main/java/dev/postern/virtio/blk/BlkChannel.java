package dev.postern.virtio.blk;

import dev.postern.memory.FrameAllocator;
import dev.postern.memory.FrameRequest;
import dev.postern.memory.PhysRange;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;

/**
 * A disk as a channel of bytes. Whatever is not whole blocks at either end is read before it is written.
 *
 * <p>The size is the disk's: a write stops at its end, {@link #truncate} is refused when it would shrink, and a disk that grew or
 * shrank is noticed by {@link #size()} and at the end. Closing the channel flushes a writable disk and leaves it open. Threads as for
 * the disk.
 */
public final class BlkChannel implements SeekableByteChannel {

    private static final int LEAST_BUFFER = 256 * 1024;

    private final BlkDevice disk;
    private final int block;
    private final PhysRange buffer;
    private final MemorySegment bytes;
    private long position;
    private boolean open = true;
    private boolean written;

    /**
     * Opens a channel at position 0.
     *
     * @param frames for the channel's buffer
     */
    public BlkChannel(BlkDevice disk, FrameAllocator frames) {
        this.disk = disk;
        block = disk.configuration().blockSize();
        // Both are powers of two: the buffer holds whole blocks, at least one.
        int length = Math.max(LEAST_BUFFER, block);
        buffer = frames.allocate(length, FrameRequest.ANY);
        bytes = frames.memory().slice(buffer.basePa(), length);
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        requireOpen();
        long size = sizeBeyondPosition();
        long left = Math.min(into.remaining(), size - position);
        if (left <= 0) {
            return into.hasRemaining() ? -1 : 0;
        }
        int total = 0;
        while (left > 0) {
            int inBlock = (int) (position % block);
            int part = (int) Math.min(left, bytes.byteSize() - inBlock);
            disk.read(sector(position - inBlock), buffer.basePa(), wholeBlocks(inBlock + part, size));
            into.put(bytes.asSlice(inBlock, part).asByteBuffer());
            position += part;
            total += part;
            left -= part;
        }
        return total;
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
        requireOpen();
        if (disk.readOnly()) {
            throw new NonWritableChannelException();
        }
        long size = sizeBeyondPosition();
        long left = Math.min(from.remaining(), Math.max(0, size - position));
        if (left == 0 && from.hasRemaining()) {
            throw new BlkRangeException("%s: the disk ends at byte %d".formatted(disk.name(), size));
        }
        int total = 0;
        while (left > 0) {
            int inBlock = (int) (position % block);
            int part = (int) Math.min(left, bytes.byteSize() - inBlock);
            long whole = wholeBlocks(inBlock + part, size);
            long sector = sector(position - inBlock);
            readEdges(sector, inBlock, part, whole);
            bytes.asSlice(inBlock, part).asByteBuffer().put(from.slice(from.position(), part));
            disk.write(sector, buffer.basePa(), whole);
            written = true;
            from.position(from.position() + part);
            position += part;
            total += part;
            left -= part;
        }
        return total;
    }

    @Override
    public long position() throws IOException {
        requireOpen();
        return position;
    }

    @Override
    public SeekableByteChannel position(long newPosition) throws IOException {
        requireOpen();
        if (newPosition < 0) {
            throw new IllegalArgumentException("position %d: give at least 0".formatted(newPosition));
        }
        position = newPosition;
        return this;
    }

    @Override
    public long size() throws IOException {
        requireOpen();
        disk.refresh();
        return disk.configuration().capacityBytes();
    }

    @Override
    public SeekableByteChannel truncate(long size) throws IOException {
        requireOpen();
        if (size < 0) {
            throw new IllegalArgumentException("size %d: give at least 0".formatted(size));
        }
        if (disk.readOnly()) {
            throw new NonWritableChannelException();
        }
        if (size < size()) {
            throw new BlkRangeException("%s: a disk cannot be truncated".formatted(disk.name()));
        }
        position = Math.min(position, size);
        return this;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public void close() throws IOException {
        if (open) {
            open = false;
            try {
                if (written) {
                    disk.flush();
                }
            } finally {
                disk.release(buffer);
            }
        }
    }

    /** The size as last read, read again when it says that nothing is left. */
    private long sizeBeyondPosition() throws IOException {
        long known = disk.configuration().capacityBytes();
        return known > position ? known : size();
    }

    private void readEdges(long sector, int inBlock, int part, long whole) throws IOException {
        long last = whole - 1 & -block;
        boolean cutsFirst = inBlock != 0;
        boolean cutsLast = inBlock + part < whole;
        if (cutsFirst) {
            disk.read(sector, buffer.basePa(), Math.min(block, whole));
        }
        if (cutsLast && (last > 0 || !cutsFirst)) {
            disk.read(sector + sector(last), buffer.basePa() + last, whole - last);
        }
    }

    /** Whole blocks from the block of the position on; the last one of a disk may be shorter. */
    private long wholeBlocks(long length, long size) {
        return Math.min(length + block - 1 & -block, size - (position & -block));
    }

    private static long sector(long byteOffset) {
        return byteOffset / BlkConfiguration.SECTOR;
    }

    private void requireOpen() throws ClosedChannelException {
        if (!open) {
            throw new ClosedChannelException();
        }
    }
}
