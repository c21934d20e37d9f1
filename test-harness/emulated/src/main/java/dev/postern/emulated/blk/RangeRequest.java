package dev.postern.emulated.blk;

import dev.postern.emulated.DiskOptions;
import dev.postern.emulated.RangeLimits;
import dev.postern.emulated.Unmapping;
import dev.postern.emulated.board.Journal;
import dev.postern.emulated.storage.Space;
import dev.postern.emulated.storage.Storage;
import dev.postern.emulated.virtio.Chain;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Serves discards, writes of zeros and secure erases (blk:471 to 493). All segments are checked before the first is served, so that a
 * request that is refused changes nothing.
 */
final class RangeRequest {

    private static final int HEADER_BYTES = 16;
    private static final int SEGMENT_BYTES = 16;
    private static final int SECTOR = 512;
    private static final int UNMAP = 1;

    private static final ValueLayout.OfLong LE64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt LE32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final String name;
    private final Journal journal;
    private final DiskOptions options;
    private final Storage storage;
    private final SectorCheck check;
    private final MemorySegment segment = MemorySegment.ofArray(new byte[SEGMENT_BYTES]);

    RangeRequest(String name, Journal journal, DiskOptions options, Storage storage, SectorCheck check) {
        this.name = name;
        this.journal = journal;
        this.options = options;
        this.storage = storage;
        this.check = check;
    }

    /**
     * Serves one.
     *
     * @return a status, or {@link BlockStatus#BROKEN} when the segments cannot be read
     * @throws IOException when the storage fails
     */
    int serve(RangeCommand command, Chain chain) throws IOException {
        long length = chain.readableBytes() - HEADER_BYTES;
        if (length == 0 || length % SEGMENT_BYTES != 0) {
            journal.guestError(name, "blk:882", "%d bytes of segments in a %s".formatted(length, command));
            return BlockStatus.IOERR;
        }
        RangeLimits limits = command.limits(options);
        long count = length / SEGMENT_BYTES;
        if (count > limits.maxSegments()) {
            journal.guestError(
                    name,
                    command.segmentsClause(),
                    "%d segments in a %s, where %d are allowed".formatted(count, command, limits.maxSegments()));
            return BlockStatus.UNSUPP;
        }
        for (long i = 0; i < count; i++) {
            int status = chain.read(HEADER_BYTES + i * SEGMENT_BYTES, segment)
                    ? examine(command, limits)
                    : BlockStatus.BROKEN;
            if (status != BlockStatus.OK) {
                return status;
            }
        }
        for (long i = 0; i < count; i++) {
            // A segment that another CPU of the guest changes in between is examined again: what is served is what was
            // checked.
            int status = chain.read(HEADER_BYTES + i * SEGMENT_BYTES, segment)
                    ? examine(command, limits)
                    : BlockStatus.BROKEN;
            if (status != BlockStatus.OK) {
                return status;
            }
            carryOut(command);
        }
        return BlockStatus.OK;
    }

    private int examine(RangeCommand command, RangeLimits limits) {
        int flags = segment.get(LE32, 12);
        if ((flags & ~UNMAP) != 0) {
            return BlockStatus.UNSUPP;
        }
        if (flags != 0 && command != RangeCommand.WRITE_ZEROES) {
            // Only of discards is it forbidden in so many words.
            journal.guestError(name, "blk:906", "a %s with the unmap flag".formatted(command));
            return BlockStatus.UNSUPP;
        }
        long sectors = segment.get(LE32, 8) & 0xffff_ffffL;
        if (sectors > limits.maxSectors()) {
            journal.guestError(
                    name,
                    command.sectorsClause(),
                    "%d sectors in a segment of a %s, where %d are allowed"
                            .formatted(sectors, command, limits.maxSectors()));
            return BlockStatus.IOERR;
        }
        return check.accepts(command.operation(), segment.get(LE64, 0), sectors) ? BlockStatus.OK : BlockStatus.IOERR;
    }

    private void carryOut(RangeCommand command) throws IOException {
        long offset = segment.get(LE64, 0) * SECTOR;
        long length = (segment.get(LE32, 8) & 0xffff_ffffL) * SECTOR;
        switch (command) {
            case DISCARD -> storage.discard(offset, length);
            case WRITE_ZEROES -> {
                boolean mayUnmap = (segment.get(LE32, 12) & UNMAP) != 0 && options.unmapping() == Unmapping.ALLOWED;
                storage.zero(offset, length, mayUnmap ? Space.GIVE_BACK : Space.KEEP);
            }
            // What is overwritten in place cannot be found in space that was given back.
            case SECURE_ERASE -> storage.zero(offset, length, Space.KEEP);
        }
    }
}
