package dev.postern.lab.backend;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** One request as it lies in memory: the parts to be read, then those to be written. */
final class Chain {

    private final int id;
    private final int slots;
    private final List<MemorySegment> readable = new ArrayList<>();
    private final List<MemorySegment> writable = new ArrayList<>();

    /**
     * An empty one.
     *
     * @param id what the driver knows it by: the head in a split ring, the buffer id in a packed one
     * @param slots how many descriptors of the ring it takes up
     */
    Chain(int id, int slots) {
        this.id = id;
        this.slots = slots;
    }

    /** The same parts under the id that the last descriptor of a list has. */
    Chain as(int otherId, int otherSlots) {
        Chain copy = new Chain(otherId, otherSlots);
        copy.readable.addAll(readable);
        copy.writable.addAll(writable);
        return copy;
    }

    int id() {
        return id;
    }

    int slots() {
        return slots;
    }

    void addReadable(List<MemorySegment> pieces) {
        readable.addAll(pieces);
    }

    void addWritable(List<MemorySegment> pieces) {
        writable.addAll(pieces);
    }

    boolean hasWritable() {
        return !writable.isEmpty();
    }

    long readableBytes() {
        return total(readable);
    }

    long writableBytes() {
        return total(writable);
    }

    private static long total(List<MemorySegment> pieces) {
        return pieces.stream().mapToLong(MemorySegment::byteSize).sum();
    }

    /** Reads; what was read does not change any more. */
    MemorySegment read(long offset, long length) {
        MemorySegment into = MemorySegment.ofArray(new byte[Math.toIntExact(length)]);
        copy(readable, offset, into, Direction.OUT_OF_CHAIN);
        return into;
    }

    /** Writes. */
    void write(long offset, MemorySegment from) {
        copy(writable, offset, from, Direction.INTO_CHAIN);
    }

    private enum Direction {
        INTO_CHAIN,
        OUT_OF_CHAIN
    }

    private static void copy(List<MemorySegment> pieces, long offset, MemorySegment other, Direction direction) {
        long skipped = offset;
        long done = 0;
        for (MemorySegment piece : pieces) {
            if (skipped >= piece.byteSize()) {
                skipped -= piece.byteSize();
                continue;
            }
            long length = Math.min(piece.byteSize() - skipped, other.byteSize() - done);
            if (direction == Direction.INTO_CHAIN) {
                MemorySegment.copy(other, done, piece, skipped, length);
            } else {
                MemorySegment.copy(piece, skipped, other, done, length);
            }
            skipped = 0;
            done += length;
            if (done == other.byteSize()) {
                return;
            }
        }
        throw new IllegalArgumentException("%d of %d bytes fit".formatted(done, other.byteSize()));
    }
}
