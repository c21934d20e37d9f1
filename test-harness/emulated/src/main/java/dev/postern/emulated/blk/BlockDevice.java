package dev.postern.emulated.blk;

import dev.postern.emulated.DiskAccess;
import dev.postern.emulated.DiskCounters;
import dev.postern.emulated.DiskOptions;
import dev.postern.emulated.board.Journal;
import dev.postern.emulated.mischief.ChangeCapacityAt;
import dev.postern.emulated.mischief.FailSectors;
import dev.postern.emulated.mischief.TearCapacity;
import dev.postern.emulated.mischief.WriteNothing;
import dev.postern.emulated.mischief.WrongStatus;
import dev.postern.emulated.storage.Storage;
import dev.postern.emulated.virtio.Chain;
import dev.postern.emulated.virtio.DeviceType;
import dev.postern.emulated.virtio.FeatureSet;
import dev.postern.emulated.virtio.Script;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The virtio block device (virtio 1.4, Block Device): read, write, flush and get-id.
 *
 * <p>The used length always covers the status byte, so that a driver that ignores what lies beyond it (split-ring:473)
 * sees the status of a failed read: what such a read could not deliver is filled with zeros.
 */
public final class BlockDevice implements DeviceType {

    /** Maximum size of one segment is in the configuration. */
    public static final int SIZE_MAX = 1;

    private static final int SEG_MAX = 2;
    private static final int RO = 5;
    private static final int BLK_SIZE = 6;

    /** Flush is supported. */
    public static final int FLUSH = 9;

    private static final int MQ = 12;

    private static final int TYPE_IN = 0;
    private static final int TYPE_OUT = 1;
    private static final int TYPE_FLUSH = 4;
    private static final int TYPE_GET_ID = 8;

    private static final int STATUS_OK = 0;
    private static final int STATUS_IOERR = 1;
    private static final int STATUS_UNSUPP = 2;

    private static final int HEADER_BYTES = 16;
    private static final int SECTOR = 512;
    private static final int ID_BYTES = 20;

    /** Up to and including num_queues. */
    private static final int CONFIG_BYTES = 36;

    private static final int SIZE_MAX_BYTES = 1 << 16;

    private static final ValueLayout.OfLong LE64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt LE32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort LE16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final String name;
    private final Storage storage;
    private final DiskAccess access;
    private final DiskOptions options;
    private final Script script;
    private final Journal journal;
    private final byte[] id;
    private final MemorySegment config = MemorySegment.ofArray(new byte[CONFIG_BYTES]);
    private final MemorySegment header = MemorySegment.ofArray(new byte[HEADER_BYTES]);
    private final MemorySegment statusByte = MemorySegment.ofArray(new byte[1]);

    private Runnable configChanged = () -> {};
    private boolean flushOffered;
    private boolean writeThrough;
    private boolean torn;
    private long capacity;
    private long reads;
    private long writes;
    private long flushes;
    private long idReads;
    private long unsupported;
    private long errors;

    /**
     * A disk.
     *
     * @param name for messages, and the id string unless the options give one
     * @param storage what is behind it; the caller closes it
     * @param access whether the guest may write
     * @param options sizes and the id string
     * @param script what it does wrong
     * @param journal where the guest's errors go
     */
    public BlockDevice(
            String name, Storage storage, DiskAccess access, DiskOptions options, Script script, Journal journal) {
        this.name = name;
        this.storage = storage;
        this.access = access;
        this.options = options;
        this.script = script;
        this.journal = journal;
        this.id = Arrays.copyOf(options.serial().orElse(name).getBytes(StandardCharsets.US_ASCII), ID_BYTES);
        this.capacity = storage.bytes() / SECTOR;
        config.set(LE64, 0, capacity);
        config.set(LE32, 8, SIZE_MAX_BYTES);
        config.set(LE32, 12, options.segMax());
        config.set(LE32, 20, SECTOR);
        config.set(LE16, 34, (short) options.queues());
    }

    /**
     * Ties the device to its core, once.
     *
     * @param offered what is really offered, after adjustment
     * @param changed tells the driver that the configuration changed
     */
    public void connect(FeatureSet offered, Runnable changed) {
        flushOffered = offered.has(FLUSH);
        configChanged = changed;
    }

    /** Requests so far, by type. */
    public DiskCounters counters() {
        return new DiskCounters(reads, writes, flushes, idReads, unsupported, errors);
    }

    /** Changes the capacity, in bytes, and tells a live driver (blk, Device Operation). */
    public void changeCapacity(long bytes) {
        capacity = bytes / SECTOR;
        config.set(LE64, 0, capacity);
        configChanged.run();
    }

    @Override
    public int deviceId() {
        return 2;
    }

    @Override
    public int classCode() {
        return 0x010000;
    }

    @Override
    public FeatureSet features() {
        FeatureSet set = FeatureSet.of(SEG_MAX, BLK_SIZE, FLUSH);
        if (access == DiskAccess.READ_ONLY) {
            set = set.with(RO);
        }
        return options.queues() > 1 ? set.with(MQ) : set;
    }

    @Override
    public int queueCount() {
        return options.queues();
    }

    // ---- configuration

    @Override
    public int configSize() {
        return CONFIG_BYTES;
    }

    @Override
    public int configFieldWidth(int offset) {
        return switch (offset) {
            case 0, 4, 8, 12, 20, 28 -> 4;
            case 16, 26, 34 -> 2;
            case 18, 19, 24, 25, 32, 33 -> 1;
            default -> 0;
        };
    }

    @Override
    public int configByte(int offset) {
        return config.get(ValueLayout.JAVA_BYTE, offset) & 0xff;
    }

    @Override
    public void configRead(int offset, int width) {
        TearCapacity tear = script.first(TearCapacity.class);
        if (tear != null && !torn && offset == 0) {
            torn = true;
            changeCapacity(tear.bytes());
        }
    }

    @Override
    public void negotiated(FeatureSet accepted) {
        // A driver that cannot flush relies on every completed write being stable (blk, Device Operation).
        writeThrough = flushOffered && !accepted.has(FLUSH);
    }

    @Override
    public void reset() {
        writeThrough = false;
    }

    // ---- requests

    @Override
    public long serve(long request, Chain chain) {
        changeCapacityIfTold(request);
        // A request without room for header and status cannot be answered; QEMU asks for a reset too.
        if (chain.readableBytes() < HEADER_BYTES || chain.writableBytes() < 1) {
            journal.guestError(
                    name,
                    "qemu:short-request",
                    "%d readable and %d writable bytes are no block request"
                            .formatted(chain.readableBytes(), chain.writableBytes()));
            return BROKEN;
        }
        if (!chain.read(0, header)) {
            return BROKEN;
        }
        int type = header.get(LE32, 0);
        long sector = header.get(LE64, 8);
        long room = chain.writableBytes() - 1;
        if (writesNothing(request)) {
            return answer(request, STATUS_OK, room, chain);
        }
        int status = switch (type) {
            case TYPE_IN -> read(sector, room, chain);
            case TYPE_OUT -> write(sector, chain);
            case TYPE_FLUSH -> flush(sector);
            case TYPE_GET_ID -> identify(room, chain);
            default -> {
                unsupported++;
                yield STATUS_UNSUPP;
            }
        };
        if (status == BROKEN) {
            return BROKEN;
        }
        if (status == STATUS_IOERR) {
            errors++;
        }
        boolean delivered = status == STATUS_OK && (type == TYPE_IN || type == TYPE_GET_ID);
        if (!delivered && !chain.zero(0, room)) {
            return BROKEN;
        }
        return answer(request, status, room, chain);
    }

    private long answer(long request, int status, long room, Chain chain) {
        statusByte.set(ValueLayout.JAVA_BYTE, 0, (byte) statusToSay(request, status));
        return chain.write(room, statusByte) ? room + 1 : BROKEN;
    }

    private boolean writesNothing(long request) {
        for (int i = 0; i < script.all().size(); i++) {
            if (script.all().get(i) instanceof WriteNothing act && act.request() == request) {
                return true;
            }
        }
        return false;
    }

    private void changeCapacityIfTold(long request) {
        for (int i = 0; i < script.all().size(); i++) {
            if (script.all().get(i) instanceof ChangeCapacityAt act && act.request() == request) {
                changeCapacity(act.bytes());
            }
        }
    }

    private int statusToSay(long request, int status) {
        for (int i = 0; i < script.all().size(); i++) {
            if (script.all().get(i) instanceof WrongStatus act && act.request() == request) {
                return act.status();
            }
        }
        return status;
    }

    /** Checks a transfer; false means an I/O error. */
    private boolean acceptable(long sector, long length) {
        if (length % SECTOR != 0) {
            journal.guestError(name, "blk:879", "a data length of %d is not a multiple of 512".formatted(length));
            return false;
        }
        long sectors = length / SECTOR;
        if (sector < 0 || sector > capacity || sectors > capacity - sector) {
            journal.guestError(
                    name,
                    "blk:871",
                    "sectors %s and %d more, of %d".formatted(Long.toUnsignedString(sector), sectors, capacity));
            return false;
        }
        // A capacity that was raised at run time may promise more than the image has; the image must not grow.
        return sector + sectors <= storage.bytes() / SECTOR && !failing(sector, sectors);
    }

    private boolean failing(long sector, long sectors) {
        for (int i = 0; i < script.all().size(); i++) {
            if (script.all().get(i) instanceof FailSectors act
                    && sector < act.first() + act.count()
                    && act.first() < sector + sectors) {
                return true;
            }
        }
        return false;
    }

    private int read(long sector, long length, Chain chain) {
        reads++;
        if (!acceptable(sector, length)) {
            return STATUS_IOERR;
        }
        long done = 0;
        while (done < length) {
            MemorySegment piece = chain.writablePiece(done, length - done);
            if (piece == null) {
                return (int) BROKEN;
            }
            try {
                storage.read(sector * SECTOR + done, piece);
            } catch (IOException e) {
                journal.event(name, "read failed: " + e.getMessage());
                return STATUS_IOERR;
            }
            done += piece.byteSize();
        }
        return STATUS_OK;
    }

    private int write(long sector, Chain chain) {
        writes++;
        long length = chain.readableBytes() - HEADER_BYTES;
        if (access == DiskAccess.READ_ONLY || !acceptable(sector, length)) {
            return STATUS_IOERR;
        }
        long done = 0;
        try {
            while (done < length) {
                MemorySegment piece = chain.readablePiece(HEADER_BYTES + done, length - done);
                if (piece == null) {
                    return (int) BROKEN;
                }
                storage.write(sector * SECTOR + done, piece);
                done += piece.byteSize();
            }
            if (writeThrough) {
                storage.flush();
            }
        } catch (IOException e) {
            journal.event(name, "write failed: " + e.getMessage());
            return STATUS_IOERR;
        }
        return STATUS_OK;
    }

    private int flush(long sector) {
        flushes++;
        if (sector != 0) {
            journal.guestError(name, "blk:876", "a flush with sector " + Long.toUnsignedString(sector));
        }
        try {
            storage.flush();
        } catch (IOException e) {
            journal.event(name, "flush failed: " + e.getMessage());
            return STATUS_IOERR;
        }
        return STATUS_OK;
    }

    private int identify(long room, Chain chain) {
        idReads++;
        if (room != ID_BYTES) {
            journal.guestError(name, "blk:886", "%d bytes for an id of 20".formatted(room));
        }
        long length = Math.min(room, ID_BYTES);
        if (!chain.write(0, MemorySegment.ofArray(id).asSlice(0, length)) || !chain.zero(length, room)) {
            return (int) BROKEN;
        }
        return STATUS_OK;
    }
}
