package dev.postern.virtio.blk;

import dev.postern.virtio.ProbeRefusedException;
import dev.postern.virtio.blk.ConfigurationFields.Field;
import java.util.Optional;

/**
 * What a block device says of itself, with every value checked or brought into range before anyone relies on it.
 *
 * @param capacitySectors size in sectors of 512 bytes, 0 to 2^54 - 1
 * @param blockSize the unit of requests in bytes, a power of two from 512 to 1 MiB
 * @param largestSegment the longest data segment in bytes, at least 512
 * @param mostSegments the most data segments of one request, at least 1
 * @param queues how many request queues the device says it has, 1 to 65535
 * @param topology advice about sizes; empty without, or when it makes no sense
 * @param cache what the device's cache is switched to; empty when it cannot be switched
 * @param discard limits of discards; empty when the device takes none
 * @param writeZeroes limits of write-zeroes; empty when the device takes none
 * @param zeroes what may become of storage that is written with zeroes when the writer does not mind
 * @param secureErase limits of secure erases; empty when the device takes none
 */
public record BlkConfiguration(
        long capacitySectors,
        int blockSize,
        int largestSegment,
        int mostSegments,
        int queues,
        Optional<BlkTopology> topology,
        Optional<CacheMode> cache,
        Optional<RangeLimits> discard,
        Optional<RangeLimits> writeZeroes,
        Allocation zeroes,
        Optional<RangeLimits> secureErase) {

    /** The unit of all addresses on a block device, in bytes. */
    public static final int SECTOR = 512;

    private static final long MOST_SECTORS = Long.MAX_VALUE / SECTOR;
    private static final int LARGEST_BLOCK = 1 << 20;

    /** An upper bound on what a driver makes use of, whatever the device offers. */
    private static final int MOST_SEGMENTS_USED = 64;

    /**
     * Checks what was read.
     *
     * @param device its name, for messages
     * @throws ProbeRefusedException when a value makes no sense, with the value
     */
    static BlkConfiguration of(String device, ConfigurationFields fields) throws ProbeRefusedException {
        long capacity = fields.get(Field.CAPACITY, 0);
        if (capacity < 0 || capacity > MOST_SECTORS) {
            throw new ProbeRefusedException("%s: a capacity of %s sectors cannot be addressed; at most %d can"
                    .formatted(device, Long.toUnsignedString(capacity), MOST_SECTORS));
        }
        long blockSize = fields.get(Field.BLK_SIZE, SECTOR);
        if (blockSize < SECTOR || blockSize > LARGEST_BLOCK || Long.bitCount(blockSize) != 1) {
            throw new ProbeRefusedException("%s: a block size of %d bytes; a power of two from %d to %d is allowed"
                    .formatted(device, blockSize, SECTOR, LARGEST_BLOCK));
        }
        long largestSegment = largestSegmentOf(fields);
        if (largestSegment < SECTOR) {
            throw new ProbeRefusedException("%s: segments of at most %d bytes cannot carry a sector of %d"
                    .formatted(device, largestSegment, SECTOR));
        }
        long queues = fields.get(Field.NUM_QUEUES, 1);
        if (queues == 0) {
            throw new ProbeRefusedException(
                    "%s: the device says it has several queues and counts 0: leave features=-mq to it, or mend its num_queues"
                            .formatted(device));
        }
        return new BlkConfiguration(
                capacity,
                (int) blockSize,
                (int) Math.min(largestSegment, Integer.MAX_VALUE) & -SECTOR,
                Math.clamp(fields.get(Field.SEG_MAX, 1), 1, MOST_SEGMENTS_USED),
                (int) queues,
                topologyOf(fields, (int) blockSize),
                fields.has(Field.WRITEBACK) ? Optional.of(cacheOf(fields.get(Field.WRITEBACK))) : Optional.empty(),
                limitsOf(
                        fields,
                        Field.MAX_DISCARD_SECTORS,
                        Field.MAX_DISCARD_SEG,
                        fields.get(Field.DISCARD_SECTOR_ALIGNMENT, 0),
                        blockSize),
                limitsOf(fields, Field.MAX_WRITE_ZEROES_SECTORS, Field.MAX_WRITE_ZEROES_SEG, 0, blockSize),
                fields.get(Field.WRITE_ZEROES_MAY_UNMAP, 0) == 0 ? Allocation.KEEP : Allocation.MAY_RELEASE,
                limitsOf(
                        fields,
                        Field.MAX_SECURE_ERASE_SECTORS,
                        Field.MAX_SECURE_ERASE_SEG,
                        fields.get(Field.SECURE_ERASE_SECTOR_ALIGNMENT, 0),
                        blockSize));
    }

    /**
     * A device that says 0 says nothing: QEMU's storage daemon offers SIZE_MAX, sets the field to 0 (block/export/vhost-user-blk-server.c,
     * vu_blk_initialize_config), and takes segments of any size.
     */
    private static long largestSegmentOf(ConfigurationFields fields) {
        long said = fields.get(Field.SIZE_MAX, 0);
        return said == 0 ? Integer.MAX_VALUE : said;
    }

    private static Optional<BlkTopology> topologyOf(ConfigurationFields fields, int blockSize) {
        if (!fields.has(Field.OPT_IO_SIZE)) {
            return Optional.empty();
        }
        return Optional.ofNullable(BlkTopology.of(
                blockSize,
                fields.get(Field.PHYSICAL_BLOCK_EXP),
                fields.get(Field.ALIGNMENT_OFFSET),
                fields.get(Field.MIN_IO_SIZE),
                fields.get(Field.OPT_IO_SIZE)));
    }

    /** blk:245 knows 0 and 1. What is neither is taken for the one that asks for flushes. */
    private static CacheMode cacheOf(long writeback) {
        return writeback == 0 ? CacheMode.WRITETHROUGH : CacheMode.WRITEBACK;
    }

    private static Optional<RangeLimits> limitsOf(
            ConfigurationFields fields, Field sectors, Field ranges, long alignment, long blockSize) {
        if (!fields.has(sectors) || !fields.has(ranges)) {
            return Optional.empty();
        }
        return Optional.of(RangeLimits.of(fields.get(sectors), fields.get(ranges), alignment, blockSize / SECTOR));
    }

    /** Size in bytes. */
    public long capacityBytes() {
        return capacitySectors * SECTOR;
    }

    /** Sectors of a block. */
    public int blockSectors() {
        return blockSize / SECTOR;
    }
}
