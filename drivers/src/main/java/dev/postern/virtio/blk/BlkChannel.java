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
 * A disk as a channel of bytes. Whatever is not whole sectors at either end is read before it is written.
 *
 * <p>The size is fixed: a write stops at the end of the disk, and {@link #truncate} is refused when it would shrink. Closing
 * the channel flushes a writable disk and leaves it open. Threads as for the disk.
 */
public final class BlkChannel implements SeekableByteChannel {

    private static final int BUFFER = 256 * 1024;

    private final BlkDevice disk;
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
        buffer = frames.allocate(BUFFER, FrameRequest.ANY);
        bytes = frames.memory().slice(buffer.basePa(), BUFFER);
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        requireOpen();
        long left = Math.min(into.remaining(), size() - position);
        if (left <= 0) {
            return into.hasRemaining() ? -1 : 0;
        }
        int total = 0;
        while (left > 0) {
            int inSector = (int) (position % BlkConfiguration.SECTOR);
            int part = (int) Math.min(left, BUFFER - inSector);
            disk.read(position / BlkConfiguration.SECTOR, buffer.basePa(), wholeSectors(inSector + part));
            into.put(bytes.asSlice(inSector, part).asByteBuffer());
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
        long left = Math.min(from.remaining(), Math.max(0, size() - position));
        if (left == 0 && from.hasRemaining()) {
            throw new BlkRangeException("%s: the disk ends at byte %d".formatted(disk.name(), size()));
        }
        int total = 0;
        while (left > 0) {
            int inSector = (int) (position % BlkConfiguration.SECTOR);
            int part = (int) Math.min(left, BUFFER - inSector);
            long whole = wholeSectors(inSector + part);
            long sector = position / BlkConfiguration.SECTOR;
            readEdges(sector, inSector, part, whole);
            bytes.asSlice(inSector, part).asByteBuffer().put(from.slice(from.position(), part));
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

    private void readEdges(long sector, int inSector, int part, long whole) throws IOException {
        if (inSector != 0) {
            disk.read(sector, buffer.basePa(), BlkConfiguration.SECTOR);
        }
        long lastOffset = whole - BlkConfiguration.SECTOR;
        if ((inSector + part) % BlkConfiguration.SECTOR != 0 && (lastOffset > 0 || inSector == 0)) {
            disk.read(
                    sector + lastOffset / BlkConfiguration.SECTOR,
                    buffer.basePa() + lastOffset,
                    BlkConfiguration.SECTOR);
        }
    }

    private static long wholeSectors(long length) {
        return length + BlkConfiguration.SECTOR - 1 & -BlkConfiguration.SECTOR;
    }

    private void requireOpen() throws ClosedChannelException {
        if (!open) {
            throw new ClosedChannelException();
        }
    }
}
