package dev.postern.lab.backend;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** Serves the requests of a disk (virtio 1.4, Block Device). Used by one thread. */
final class BlockServer {

    /** What a GET_ID is answered. */
    static final String ID = "scripted";

    /** Sectors of one segment of a discard, or of zeros. */
    static final int MOST_RANGE_SECTORS = 4096;

    /** Segments of a discard, or of zeros. */
    static final int MOST_RANGES = 8;

    static final int OK = 0;
    static final int IO_ERROR = 1;
    static final int UNSUPPORTED = 2;

    private static final int IN = 0;
    private static final int OUT = 1;
    private static final int FLUSH = 4;
    private static final int GET_ID = 8;
    private static final int DISCARD = 11;
    private static final int WRITE_ZEROES = 13;

    private static final int HEADER = 16;
    private static final int ID_BYTES = 20;
    private static final int RANGE = 16;
    private static final int UNMAP = 1;

    private final int connection;
    private final DiskMemory disk;
    private final Offer offer;
    private final long accepted;
    private final Consumer<String> complain;

    BlockServer(int connection, DiskMemory disk, Offer offer, long accepted, Consumer<String> complain) {
        this.connection = connection;
        this.disk = disk;
        this.offer = offer;
        this.accepted = accepted;
        this.complain = complain;
    }

    /**
     * What a request was answered.
     *
     * @param written how many bytes were written into the chain, the status among them
     * @param changes what the medium will remember to have answered
     */
    record Answer(long written, List<DiskMemory.Event.Answered> changes) {}

    /**
     * Serves one.
     *
     * @throws PanicException when header or status have no room
     */
    Answer serve(Chain chain) throws PanicException {
        checkRoom(chain);
        MemorySegment header = chain.read(0, HEADER);
        int type = header.get(ValueLayout.JAVA_INT_UNALIGNED, 0);
        long sector = header.get(ValueLayout.JAVA_LONG_UNALIGNED, 8);
        List<DiskMemory.Event.Answered> changes = new ArrayList<>();
        int status = switch (type) {
            case IN -> read(sector, chain);
            case OUT -> write(sector, chain, changes);
            case FLUSH -> flush(sector);
            case GET_ID -> identify(chain);
            case DISCARD -> ranges(DeviceFeature.DISCARD, chain, changes);
            case WRITE_ZEROES -> ranges(DeviceFeature.WRITE_ZEROES, chain, changes);
            default -> UNSUPPORTED;
        };
        return new Answer(setStatus(chain, status), changes);
    }

    /** Fails one without a look at what it asks. */
    Answer fail(Chain chain) throws PanicException {
        checkRoom(chain);
        return new Answer(setStatus(chain, IO_ERROR), List.of());
    }

    private static void checkRoom(Chain chain) throws PanicException {
        if (chain.readableBytes() < HEADER || chain.writableBytes() < 1) {
            throw new PanicException("a request has %d bytes to be read and %d to be written"
                    .formatted(chain.readableBytes(), chain.writableBytes()));
        }
    }

    private static long setStatus(Chain chain, int status) {
        long room = chain.writableBytes();
        chain.write(room - 1, MemorySegment.ofArray(new byte[] {(byte) status}));
        return room;
    }

    private boolean onDisk(String what, long sector, long bytes) {
        if (bytes % DiskMemory.SECTOR != 0) {
            complain.accept("%s of %d bytes: no whole sectors".formatted(what, bytes));
            return false;
        }
        if (!disk.has(sector, bytes / DiskMemory.SECTOR)) {
            complain.accept("%s of %d bytes at sector %d of %d".formatted(what, bytes, sector, disk.sectors()));
            return false;
        }
        return true;
    }

    private int read(long sector, Chain chain) {
        long length = chain.writableBytes() - 1;
        if (!onDisk("a read", sector, length)) {
            return IO_ERROR;
        }
        chain.write(0, disk.read(sector, length / DiskMemory.SECTOR));
        return OK;
    }

    private int write(long sector, Chain chain, List<DiskMemory.Event.Answered> changes) {
        long length = chain.readableBytes() - HEADER;
        if (offer.features().contains(DeviceFeature.RO)) {
            complain.accept("a write to a disk that is read-only");
            return IO_ERROR;
        }
        if (!onDisk("a write", sector, length)) {
            return IO_ERROR;
        }
        changes.add(disk.write(connection, sector, chain.read(HEADER, length)));
        return OK;
    }

    private int flush(long sector) {
        if (!DeviceFeature.FLUSH.in(accepted)) {
            complain.accept("a flush, which was not negotiated");
            return UNSUPPORTED;
        }
        if (sector != 0) {
            complain.accept("a flush of sector " + sector);
        }
        disk.flush();
        return OK;
    }

    private static int identify(Chain chain) {
        byte[] id = Arrays.copyOf(ID.getBytes(StandardCharsets.US_ASCII), ID_BYTES);
        long room = Math.min(chain.writableBytes() - 1, ID_BYTES);
        chain.write(0, MemorySegment.ofArray(id).asSlice(0, room));
        return OK;
    }

    private int ranges(DeviceFeature feature, Chain chain, List<DiskMemory.Event.Answered> changes) {
        long length = chain.readableBytes() - HEADER;
        if (!feature.in(accepted)) {
            complain.accept(feature + ", which was not negotiated");
            return UNSUPPORTED;
        }
        if (length == 0 || length % RANGE != 0 || length / RANGE > MOST_RANGES) {
            complain.accept("%s with %d bytes of segments".formatted(feature, length));
            return UNSUPPORTED;
        }
        MemorySegment segments = chain.read(HEADER, length);
        for (long at = 0; at < length; at += RANGE) {
            long sector = segments.get(ValueLayout.JAVA_LONG_UNALIGNED, at);
            long count = segments.get(ValueLayout.JAVA_INT_UNALIGNED, at + 8) & 0xffff_ffffL;
            int flags = segments.get(ValueLayout.JAVA_INT_UNALIGNED, at + 12);
            if (count > MOST_RANGE_SECTORS || !disk.has(sector, count)) {
                complain.accept("%s of %d sectors at %d".formatted(feature, count, sector));
                return IO_ERROR;
            }
            if ((flags & ~UNMAP) != 0 || flags != 0 && feature == DeviceFeature.DISCARD) {
                complain.accept("%s with flags 0x%x".formatted(feature, flags));
                return UNSUPPORTED;
            }
        }
        for (long at = 0; at < length; at += RANGE) {
            changes.add(disk.zero(
                    connection,
                    segments.get(ValueLayout.JAVA_LONG_UNALIGNED, at),
                    segments.get(ValueLayout.JAVA_INT_UNALIGNED, at + 8) & 0xffff_ffffL));
        }
        return OK;
    }
}
