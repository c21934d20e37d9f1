package dev.postern.emulated.blk;

import dev.postern.emulated.BlockSizes;
import dev.postern.emulated.DiskFeature;
import dev.postern.emulated.DiskOptions;
import dev.postern.emulated.RangeLimits;
import dev.postern.emulated.Unmapping;
import dev.postern.emulated.ZoneModel;
import dev.postern.emulated.mischief.DiskField;
import dev.postern.emulated.mischief.SayField;
import dev.postern.emulated.virtio.FeatureSet;
import dev.postern.emulated.virtio.Script;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The configuration of a disk (blk:88): as long as the fields of the offered features reach, with zeros where a feature is not offered.
 */
final class BlockConfig {

    private static final int LONGEST = 96;
    private static final int CAPACITY_END = 8;

    /** A zone of 1 MiB, of which 14 may be open or active; small enough that a disk of any size has several. */
    private static final int ZONE_SECTORS = 2048;

    private static final int ZONE_RESOURCES = 14;

    private final DiskOptions options;
    private final Script script;
    private final MemorySegment bytes = MemorySegment.ofArray(new byte[LONGEST]);
    private FeatureSet offered = FeatureSet.NONE;
    private int size = CAPACITY_END;

    BlockConfig(DiskOptions options, Script script) {
        this.options = options;
        this.script = script;
    }

    /** Lays the fields out, once it is known what is offered. */
    void layOut(FeatureSet features, long capacity) {
        offered = features;
        size = CAPACITY_END;
        BlockSizes blocks = options.blocks();
        set(DiskField.CAPACITY, capacity);
        if (has(DiskFeature.SIZE_MAX, 12)) {
            set(DiskField.SIZE_MAX, options.sizeMax());
        }
        if (has(DiskFeature.SEG_MAX, 16)) {
            set(DiskField.SEG_MAX, options.segMax());
        }
        if (has(DiskFeature.BLK_SIZE, 24)) {
            set(DiskField.BLK_SIZE, blocks.logical());
        }
        if (has(DiskFeature.TOPOLOGY, 32)) {
            set(DiskField.PHYSICAL_BLOCK_EXP, blocks.physicalExponent());
            set(DiskField.MIN_IO_SIZE, blocks.minimumIo() / blocks.logical());
            set(DiskField.OPT_IO_SIZE, blocks.optimalIo() / blocks.logical());
        }
        // The mode of the cache is written when the device is reset and when features are negotiated.
        has(DiskFeature.CONFIG_WCE, 33);
        if (has(DiskFeature.MQ, 36)) {
            set(DiskField.NUM_QUEUES, options.queues());
        }
        if (has(DiskFeature.DISCARD, 48)) {
            RangeLimits limits = options.discard();
            set(DiskField.MAX_DISCARD_SECTORS, limits.maxSectors());
            set(DiskField.MAX_DISCARD_SEG, limits.maxSegments());
            set(DiskField.DISCARD_SECTOR_ALIGNMENT, limits.alignment());
        }
        if (has(DiskFeature.WRITE_ZEROES, 60)) {
            RangeLimits limits = options.writeZeroes();
            set(DiskField.MAX_WRITE_ZEROES_SECTORS, limits.maxSectors());
            set(DiskField.MAX_WRITE_ZEROES_SEG, limits.maxSegments());
            set(DiskField.WRITE_ZEROES_MAY_UNMAP, options.unmapping() == Unmapping.ALLOWED ? 1 : 0);
        }
        if (has(DiskFeature.SECURE_ERASE, 72)) {
            RangeLimits limits = options.secureErase();
            set(DiskField.MAX_SECURE_ERASE_SECTORS, limits.maxSectors());
            set(DiskField.MAX_SECURE_ERASE_SEG, limits.maxSegments());
            set(DiskField.SECURE_ERASE_SECTOR_ALIGNMENT, limits.alignment());
        }
        if (has(DiskFeature.ZONED, LONGEST)) {
            showZones();
        }
        tellLies();
    }

    private boolean has(int feature, int end) {
        if (offered.has(feature)) {
            size = Math.max(size, end);
            return true;
        }
        return false;
    }

    /** The zones as they are, when there are any. */
    void showZones() {
        if (!offered.has(DiskFeature.ZONED)) {
            return;
        }
        ZoneModel model = options.zones();
        boolean zoned = model != ZoneModel.NONE;
        set(DiskField.ZONE_SECTORS, zoned ? ZONE_SECTORS : 0);
        set(DiskField.MAX_OPEN_ZONES, zoned ? ZONE_RESOURCES : 0);
        set(DiskField.MAX_ACTIVE_ZONES, zoned ? ZONE_RESOURCES : 0);
        set(DiskField.WRITE_GRANULARITY, zoned ? options.blocks().logical() : 0);
        set(
                DiskField.ZONE_MODEL,
                switch (model) {
                    case NONE -> 0;
                    case HOST_MANAGED -> 1;
                    case HOST_AWARE -> 2;
                });
        tellLies();
    }

    /** A driver that did not take ZONED sees zeros (blk:339). */
    void hideZones() {
        if (offered.has(DiskFeature.ZONED)) {
            bytes.asSlice(DiskField.ZONE_SECTORS.offset(), LONGEST - DiskField.ZONE_SECTORS.offset())
                    .fill((byte) 0);
            tellLies();
        }
    }

    int size() {
        return size;
    }

    int at(int offset) {
        return bytes.get(ValueLayout.JAVA_BYTE, offset) & 0xff;
    }

    /** With how many bytes the field at an offset is read, a 64-bit field in halves; 0 where no field begins. */
    static int fieldWidth(int offset) {
        if (offset == 4) {
            return 4;
        }
        for (DiskField field : DiskField.values()) {
            if (field.offset() == offset) {
                return Math.min(field.width(), 4);
            }
        }
        return switch (offset) {
            // Geometry, which is never offered, and padding.
            case 16 -> 2;
            case 18, 19, 57, 58, 59, 93, 94, 95 -> 1;
            default -> 0;
        };
    }

    void capacity(long sectors) {
        set(DiskField.CAPACITY, sectors);
    }

    void writeback(boolean on) {
        if (offered.has(DiskFeature.CONFIG_WCE)) {
            set(DiskField.WRITEBACK, on ? 1 : 0);
            tellLies();
        }
    }

    private void tellLies() {
        for (var act : script.all()) {
            if (act instanceof SayField lie) {
                set(lie.field(), lie.value());
            }
        }
    }

    private void set(DiskField field, long value) {
        for (int i = 0; i < field.width(); i++) {
            bytes.set(ValueLayout.JAVA_BYTE, field.offset() + i, (byte) (value >>> 8 * i));
        }
    }
}
