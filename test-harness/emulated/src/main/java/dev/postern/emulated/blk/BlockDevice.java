package dev.postern.emulated.blk;

import dev.postern.emulated.BlockSizes;
import dev.postern.emulated.CacheMode;
import dev.postern.emulated.DiskAccess;
import dev.postern.emulated.DiskCounters;
import dev.postern.emulated.DiskFeature;
import dev.postern.emulated.DiskOptions;
import dev.postern.emulated.ZoneModel;
import dev.postern.emulated.board.Journal;
import dev.postern.emulated.mischief.DiskField;
import dev.postern.emulated.mischief.DiskOperation;
import dev.postern.emulated.mischief.TearCapacity;
import dev.postern.emulated.storage.Storage;
import dev.postern.emulated.storage.VolatileCache;
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
 * The virtio block device (virtio 1.4, Block Device), but for the commands of zones: a disk may say that it has zones, and a driver then
 * has to leave it alone.
 *
 * <p>The used length always covers the status byte, so that a driver that ignores what lies beyond it (split-ring:473)
 * sees the status of a failed read: what such a read could not deliver is filled with zeros.
 */
public final class BlockDevice implements DeviceType {

    /** What a disk can offer when it is told to. MQ follows from the number of queues, RO from the access. */
    public static final FeatureSet OFFERABLE = FeatureSet.of(
            DiskFeature.SIZE_MAX,
            DiskFeature.TOPOLOGY,
            DiskFeature.CONFIG_WCE,
            DiskFeature.DISCARD,
            DiskFeature.WRITE_ZEROES,
            DiskFeature.LIFETIME,
            DiskFeature.SECURE_ERASE,
            DiskFeature.ZONED);

    private static final int TYPE_IN = 0;
    private static final int TYPE_OUT = 1;
    private static final int TYPE_FLUSH = 4;
    private static final int TYPE_GET_ID = 8;
    private static final int TYPE_GET_LIFETIME = 10;
    private static final int TYPE_DISCARD = 11;
    private static final int TYPE_WRITE_ZEROES = 13;
    private static final int TYPE_SECURE_ERASE = 14;

    private static final int HEADER_BYTES = 16;
    private static final int SECTOR = 512;
    private static final int ID_BYTES = 20;

    /** Little of the reserved blocks and up to a tenth of the lifetime is used (blk:517, 526). */
    private static final byte[] LIFETIME = {1, 0, 1, 0, 1, 0};

    private static final ValueLayout.OfLong LE64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt LE32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final String name;
    private final Storage storage;
    private final DiskAccess access;
    private final DiskOptions options;
    private final Script script;
    private final Journal journal;
    private final MemorySegment id;
    private final MemorySegment lifetime = MemorySegment.ofArray(LIFETIME);
    private final MemorySegment header = MemorySegment.ofArray(new byte[HEADER_BYTES]);
    private final MemorySegment statusByte = MemorySegment.ofArray(new byte[1]);
    private final BlockConfig config;
    private final BlockMischief mischief;
    private final SectorCheck check;
    private final RangeRequest ranges;
    private final BlockCounts counts = new BlockCounts();

    private Runnable configChanged = () -> {};
    private FeatureSet offered = FeatureSet.NONE;
    private FeatureSet accepted = FeatureSet.NONE;
    private boolean negotiated;
    private boolean writeback;
    private boolean torn;

    /**
     * A disk.
     *
     * @param name for messages, and the id string unless the options give one
     * @param behind what keeps its content; the caller closes it
     * @param access whether the guest may write
     * @param options sizes, limits and the id string
     * @param script what it does wrong
     * @param journal where the guest's errors go
     */
    public BlockDevice(
            String name, Storage behind, DiskAccess access, DiskOptions options, Script script, Journal journal) {
        this.name = name;
        this.storage = behind;
        this.access = access;
        this.options = options;
        this.script = script;
        this.journal = journal;
        this.id = MemorySegment.ofArray(
                Arrays.copyOf(options.serial().orElse(name).getBytes(StandardCharsets.US_ASCII), ID_BYTES));
        this.config = new BlockConfig(options, script);
        this.mischief = new BlockMischief(script);
        this.check = new SectorCheck(
                name, journal, mischief, storage.bytes(), options.blocks().logical());
        this.ranges = new RangeRequest(name, journal, options, storage, check);
    }

    /**
     * Says what is really offered, after adjustment; once, before the device is asked for its configuration.
     *
     * @param features all feature bits
     */
    public void offer(FeatureSet features) {
        offered = features;
        config.layOut(features, check.capacity());
        reset();
    }

    /**
     * Ties the device to its core, once.
     *
     * @param changed tells the driver that the configuration changed
     */
    public void connect(Runnable changed) {
        configChanged = changed;
    }

    /** Requests so far, by type. */
    public DiskCounters counters() {
        return counts.show();
    }

    /** Changes the capacity, in bytes, and tells a live driver (blk:961). */
    public void changeCapacity(long bytes) {
        check.capacity(bytes / SECTOR);
        config.capacity(bytes / SECTOR);
        configChanged.run();
    }

    /** Loses what was not flushed. False when this disk has no cache that could lose anything. */
    public boolean cutPower() {
        if (storage instanceof VolatileCache cache) {
            cache.cutPower();
            return true;
        }
        return false;
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
        FeatureSet set = FeatureSet.of(DiskFeature.SEG_MAX, DiskFeature.BLK_SIZE, DiskFeature.FLUSH);
        if (access == DiskAccess.READ_ONLY) {
            set = set.with(DiskFeature.RO);
        }
        if (!options.blocks().equals(BlockSizes.SECTORS)) {
            set = set.with(DiskFeature.TOPOLOGY);
        }
        return options.queues() > 1 ? set.with(DiskFeature.MQ) : set;
    }

    @Override
    public int queueCount() {
        return options.queues();
    }

    // ---- configuration

    @Override
    public int configSize() {
        return config.size();
    }

    @Override
    public int configFieldWidth(int offset) {
        return BlockConfig.fieldWidth(offset);
    }

    @Override
    public int configByte(int offset) {
        return config.at(offset);
    }

    @Override
    public void configRead(int offset, int width) {
        if (offset == DiskField.WRITEBACK.offset() && !negotiated) {
            journal.guestError(name, "blk:293", "writeback was read before FEATURES_OK");
        }
        TearCapacity tear = script.first(TearCapacity.class);
        if (tear != null && !torn && offset == 0) {
            torn = true;
            changeCapacity(tear.bytes());
        }
    }

    @Override
    public void configWritten(int offset, int width, long value) {
        if (offset != DiskField.WRITEBACK.offset() || width != 1 || !accepted.has(DiskFeature.CONFIG_WCE)) {
            journal.guestError(
                    name, "blk:900", "%d bytes written at offset %d of the configuration".formatted(width, offset));
            return;
        }
        if (value != 0 && value != 1) {
            journal.guestError(name, "blk:900", "%d written to writeback".formatted(value));
        }
        writeback = value != 0;
        config.writeback(writeback);
    }

    @Override
    public boolean accepts(FeatureSet features) {
        boolean zoned = offered.has(DiskFeature.ZONED) && options.zones() != ZoneModel.NONE;
        if (zoned && features.has(DiskFeature.ZONED)) {
            journal.event(name, "FEATURES_OK refused: the commands of zones are not served here");
            return false;
        }
        if (zoned && options.zones() == ZoneModel.HOST_MANAGED) {
            journal.event(name, "FEATURES_OK refused: host-managed zones were not accepted (blk:343)");
            return false;
        }
        return true;
    }

    @Override
    public void negotiated(FeatureSet features) {
        accepted = features;
        negotiated = true;
        boolean flushes = features.has(DiskFeature.FLUSH);
        // A driver that cannot flush relies on every completed write being stable (blk:325, 995); where flushes are not
        // offered there is no
        // such promise.
        writeback = options.firstMode() == CacheMode.WRITEBACK && (flushes || !offered.has(DiskFeature.FLUSH));
        config.writeback(writeback);
        if (!features.has(DiskFeature.ZONED)) {
            config.hideZones();
        }
    }

    @Override
    public void reset() {
        accepted = FeatureSet.NONE;
        negotiated = false;
        check.reset();
        writeback = options.firstMode() == CacheMode.WRITEBACK;
        config.writeback(writeback);
        config.showZones();
    }

    // ---- requests

    @Override
    public long serve(long request, Chain chain) {
        long bytes = mischief.capacityAt(request);
        if (bytes >= 0) {
            changeCapacity(bytes);
        }
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
        if (mischief.writesNothing(request)) {
            return answer(request, BlockStatus.OK, room, chain);
        }
        int status;
        try {
            status = carryOut(type, sector, room, chain);
        } catch (IOException e) {
            journal.event(name, "request of type %d failed: %s".formatted(type, e.getMessage()));
            status = BlockStatus.IOERR;
        }
        switch (status) {
            case BlockStatus.BROKEN -> {
                return BROKEN;
            }
            case BlockStatus.IOERR -> counts.errors++;
            case BlockStatus.UNSUPP -> counts.unsupported++;
            default -> {}
        }
        boolean delivered =
                status == BlockStatus.OK && (type == TYPE_IN || type == TYPE_GET_ID || type == TYPE_GET_LIFETIME);
        if (!delivered && !chain.zero(0, room)) {
            return BROKEN;
        }
        return answer(request, status, room, chain);
    }

    private int carryOut(int type, long sector, long room, Chain chain) throws IOException {
        return switch (type) {
            case TYPE_IN -> read(sector, room, chain);
            case TYPE_OUT -> write(sector, chain);
            case TYPE_FLUSH -> flush(sector);
            case TYPE_GET_ID -> identify(room, chain);
            case TYPE_GET_LIFETIME -> tellLifetime(room, chain);
            case TYPE_DISCARD -> range(RangeCommand.DISCARD, chain);
            case TYPE_WRITE_ZEROES -> range(RangeCommand.WRITE_ZEROES, chain);
            case TYPE_SECURE_ERASE -> range(RangeCommand.SECURE_ERASE, chain);
            // The commands of zones among them (blk:1054).
            default -> BlockStatus.UNSUPP;
        };
    }

    private long answer(long request, int status, long room, Chain chain) {
        statusByte.set(ValueLayout.JAVA_BYTE, 0, (byte) mischief.status(request, status));
        return chain.write(room, statusByte) ? room + 1 : BROKEN;
    }

    /** Whether a transfer can be; false means an I/O error. */
    private boolean acceptable(DiskOperation operation, long sector, long length) {
        if (length % SECTOR != 0) {
            journal.guestError(name, "blk:879", "a data length of %d is not a multiple of 512".formatted(length));
            return false;
        }
        return check.accepts(operation, sector, length / SECTOR);
    }

    /** Whether the data of a request were cut as the driver was told to; false means an I/O error. */
    private boolean cutRight(int segments, long largest) {
        if (accepted.has(DiskFeature.SEG_MAX) && segments > options.segMax()) {
            journal.guestError(name, "blk:27", "%d data segments, of %d".formatted(segments, options.segMax()));
            return false;
        }
        if (accepted.has(DiskFeature.SIZE_MAX) && largest > options.sizeMax()) {
            journal.guestError(name, "blk:24", "a segment of %d bytes, of %d".formatted(largest, options.sizeMax()));
            return false;
        }
        return true;
    }

    private int read(long sector, long length, Chain chain) throws IOException {
        counts.reads++;
        if (!acceptable(DiskOperation.READ, sector, length)
                || !cutRight(chain.writableSegments(0, length), chain.largestWritableSegment(0, length))) {
            return BlockStatus.IOERR;
        }
        long done = 0;
        while (done < length) {
            MemorySegment piece = chain.writablePiece(done, length - done);
            if (piece == null) {
                return BlockStatus.BROKEN;
            }
            storage.read(sector * SECTOR + done, piece);
            done += piece.byteSize();
        }
        return BlockStatus.OK;
    }

    private int write(long sector, Chain chain) throws IOException {
        counts.writes++;
        long length = chain.readableBytes() - HEADER_BYTES;
        // A read-only disk says so with this very status (blk:965).
        if (access == DiskAccess.READ_ONLY
                || !acceptable(DiskOperation.WRITE, sector, length)
                || !cutRight(
                        chain.readableSegments(HEADER_BYTES, length),
                        chain.largestReadableSegment(HEADER_BYTES, length))) {
            return BlockStatus.IOERR;
        }
        long done = 0;
        while (done < length) {
            MemorySegment piece = chain.readablePiece(HEADER_BYTES + done, length - done);
            if (piece == null) {
                return BlockStatus.BROKEN;
            }
            storage.write(sector * SECTOR + done, piece);
            done += piece.byteSize();
        }
        return stable();
    }

    /** Makes a change stable before it is answered, where the mode is writethrough. */
    private int stable() throws IOException {
        if (!writeback) {
            storage.flush();
        }
        return BlockStatus.OK;
    }

    private int range(RangeCommand command, Chain chain) throws IOException {
        if (!accepted.has(command.feature())) {
            return BlockStatus.UNSUPP;
        }
        counts.count(command);
        if (access == DiskAccess.READ_ONLY) {
            return BlockStatus.IOERR;
        }
        int status = ranges.serve(command, chain);
        return status == BlockStatus.OK ? stable() : status;
    }

    private int flush(long sector) throws IOException {
        counts.flushes++;
        if (sector != 0) {
            journal.guestError(name, "blk:876", "a flush with sector " + Long.toUnsignedString(sector));
        }
        if (mischief.fails(DiskOperation.FLUSH, 0, 0)) {
            return BlockStatus.IOERR;
        }
        storage.flush();
        return BlockStatus.OK;
    }

    private int identify(long room, Chain chain) {
        counts.idReads++;
        if (room != ID_BYTES) {
            journal.guestError(name, "blk:886", "%d bytes for an id of 20".formatted(room));
        }
        return deliver(id, room, chain);
    }

    private int tellLifetime(long room, Chain chain) {
        if (!accepted.has(DiskFeature.LIFETIME)) {
            return BlockStatus.UNSUPP;
        }
        counts.lifetimeReads++;
        return deliver(lifetime, room, chain);
    }

    private static int deliver(MemorySegment what, long room, Chain chain) {
        long length = Math.min(room, what.byteSize());
        return chain.write(0, what.asSlice(0, length)) && chain.zero(length, room)
                ? BlockStatus.OK
                : BlockStatus.BROKEN;
    }
}
