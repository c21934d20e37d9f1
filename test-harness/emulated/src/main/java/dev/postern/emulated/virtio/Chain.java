package dev.postern.emulated.virtio;

import dev.postern.emulated.dma.DmaIntent;
import dev.postern.emulated.dma.DmaPort;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The buffers of one request, readable ones first, as two runs of bytes. How the driver cut them into descriptors is not
 * visible from here, as a device must make no assumption about it (split-ring:146).
 *
 * <p>One chain is filled anew for each request of a queue; it is valid while that request is served.
 */
public final class Chain {

    private final DmaPort port;
    private long[] addresses = new long[16];
    private long[] lengths = new long[16];
    private int count;
    private int readable;
    private long readableBytes;
    private long writableBytes;

    Chain(DmaPort port) {
        this.port = port;
    }

    void clear() {
        count = 0;
        readable = 0;
        readableBytes = 0;
        writableBytes = 0;
    }

    void add(long address, long length, DmaIntent intent) {
        if (count == addresses.length) {
            addresses = Arrays.copyOf(addresses, 2 * count);
            lengths = Arrays.copyOf(lengths, 2 * count);
        }
        addresses[count] = address;
        lengths[count] = length;
        count++;
        if (intent == DmaIntent.READ) {
            readable++;
            readableBytes += length;
        } else {
            writableBytes += length;
        }
    }

    /** How many bytes the driver offers to be read. */
    public long readableBytes() {
        return readableBytes;
    }

    /** How many bytes the driver offers to be written. */
    public long writableBytes() {
        return writableBytes;
    }

    /**
     * Bytes to read, in place.
     *
     * @param offset into the readable bytes
     * @param length at least 1; offset + length is at most {@link #readableBytes()}
     * @return a piece of 1 to {@code length} bytes, or null when the access failed
     */
    public MemorySegment readablePiece(long offset, long length) {
        return piece(0, offset, length, DmaIntent.READ);
    }

    /**
     * Bytes to write, in place.
     *
     * @param offset into the writable bytes
     * @param length at least 1; offset + length is at most {@link #writableBytes()}
     * @return a piece of 1 to {@code length} bytes, or null when the access failed
     */
    public MemorySegment writablePiece(long offset, long length) {
        return piece(readable, offset, length, DmaIntent.WRITE);
    }

    /** Into how many descriptors the driver cut a run of readable bytes; where it was told how many it may use. */
    public int readableSegments(long offset, long length) {
        return segments(0, readable, offset, length);
    }

    /** Into how many descriptors the driver cut a run of writable bytes; where it was told how many it may use. */
    public int writableSegments(long offset, long length) {
        return segments(readable, count, offset, length);
    }

    /** The most bytes of a run of readable ones that lie in one descriptor; where the driver was told how many may. */
    public long largestReadableSegment(long offset, long length) {
        return largest(0, readable, offset, length);
    }

    /** The most bytes of a run of writable ones that lie in one descriptor; where the driver was told how many may. */
    public long largestWritableSegment(long offset, long length) {
        return largest(readable, count, offset, length);
    }

    private int segments(int first, int end, long offset, long length) {
        int segments = 0;
        long at = 0;
        for (int i = first; i < end; i++) {
            if (overlap(at, lengths[i], offset, length) > 0) {
                segments++;
            }
            at += lengths[i];
        }
        return segments;
    }

    private long largest(int first, int end, long offset, long length) {
        long largest = 0;
        long at = 0;
        for (int i = first; i < end; i++) {
            largest = Math.max(largest, overlap(at, lengths[i], offset, length));
            at += lengths[i];
        }
        return largest;
    }

    /** How many bytes two runs have in common; 0 or less means none. */
    private static long overlap(long start, long length, long otherStart, long otherLength) {
        return Math.min(start + length, otherStart + otherLength) - Math.max(start, otherStart);
    }

    private MemorySegment piece(int first, long offset, long length, DmaIntent intent) {
        int element = first;
        long into = offset;
        while (into >= lengths[element]) {
            into -= lengths[element];
            element++;
        }
        long address = addresses[element] + into;
        long reach = lengths[element] - into;
        int end = intent == DmaIntent.READ ? readable : count;
        // Neighbours in memory are served as one, which saves a system call each on a disk.
        while (reach < length && ++element < end && addresses[element] == address + reach) {
            reach += lengths[element];
        }
        return port.piece(address, Math.min(reach, length), intent);
    }

    /** Copies readable bytes from an offset into all of {@code into}. False when the access failed. */
    public boolean read(long offset, MemorySegment into) {
        long done = 0;
        while (done < into.byteSize()) {
            MemorySegment piece = readablePiece(offset + done, into.byteSize() - done);
            if (piece == null) {
                return false;
            }
            MemorySegment.copy(piece, 0, into, done, piece.byteSize());
            done += piece.byteSize();
        }
        return true;
    }

    /** Copies all of {@code from} to the writable bytes from an offset on. False when the access failed. */
    public boolean write(long offset, MemorySegment from) {
        long done = 0;
        while (done < from.byteSize()) {
            MemorySegment piece = writablePiece(offset + done, from.byteSize() - done);
            if (piece == null) {
                return false;
            }
            MemorySegment.copy(from, done, piece, 0, piece.byteSize());
            done += piece.byteSize();
        }
        return true;
    }

    /** Writes zeros over the writable bytes from {@code offset} up to {@code end}. False when the access failed. */
    public boolean zero(long offset, long end) {
        long at = offset;
        while (at < end) {
            MemorySegment piece = writablePiece(at, end - at);
            if (piece == null) {
                return false;
            }
            piece.fill((byte) 0);
            at += piece.byteSize();
        }
        return true;
    }
}
