package dev.postern.virtio.blk;

import dev.postern.virtio.DeviceBrokenException;
import dev.postern.virtio.FeatureSet;
import dev.postern.virtio.ProbeRefusedException;
import dev.postern.virtio.device.VirtioDevice;
import dev.postern.virtio.transport.Transport;

/**
 * What a block device says of itself, with every value checked or brought into range before anyone relies on it.
 *
 * @param capacitySectors size in sectors of 512 bytes, 0 to 2^54 - 1
 * @param blockSize the device's preferred unit in bytes, a power of two from 512 to 1 MiB
 * @param largestSegment the longest data segment in bytes, at least 512
 * @param mostSegments the most data segments of one request, at least 1
 */
public record BlkConfiguration(long capacitySectors, int blockSize, int largestSegment, int mostSegments) {

    /** The unit of all addresses on a block device, in bytes. */
    public static final int SECTOR = 512;

    private static final int CAPACITY = 0;
    private static final int SIZE_MAX = 8;
    private static final int SEG_MAX = 12;
    private static final int BLK_SIZE = 20;
    private static final int LEAST_LENGTH = 8;
    private static final long MOST_SECTORS = Long.MAX_VALUE / SECTOR;
    private static final int LARGEST_BLOCK = 1 << 20;

    /** An upper bound on what a driver makes use of, whatever the device offers. */
    private static final int MOST_SEGMENTS_USED = 64;

    /**
     * Reads the configuration. Optional fields are read only when their feature was accepted (content:297).
     *
     * @throws ProbeRefusedException when a value makes no sense, with the value
     * @throws DeviceBrokenException when the configuration never holds still
     */
    static BlkConfiguration read(VirtioDevice device) throws ProbeRefusedException, DeviceBrokenException {
        FeatureSet accepted = device.accepted();
        long[] raw = device.readConfiguration(transport -> rawFields(transport, accepted));
        long capacity = raw[0];
        if (capacity < 0 || capacity > MOST_SECTORS) {
            throw new ProbeRefusedException("%s: a capacity of %s sectors cannot be addressed; at most %d can"
                    .formatted(device.name(), Long.toUnsignedString(capacity), MOST_SECTORS));
        }
        long blockSize = raw[1];
        if (blockSize < SECTOR || blockSize > LARGEST_BLOCK || Long.bitCount(blockSize) != 1) {
            throw new ProbeRefusedException("%s: a block size of %d bytes; a power of two from %d to %d is allowed"
                    .formatted(device.name(), blockSize, SECTOR, LARGEST_BLOCK));
        }
        long largestSegment = raw[2];
        if (largestSegment < SECTOR) {
            throw new ProbeRefusedException("%s: segments of at most %d bytes cannot carry a sector of %d"
                    .formatted(device.name(), largestSegment, SECTOR));
        }
        long mostSegments = Math.clamp(raw[3], 1, MOST_SEGMENTS_USED);
        return new BlkConfiguration(
                capacity, (int) blockSize, (int) Math.min(largestSegment, Integer.MAX_VALUE) & -SECTOR, (int)
                        mostSegments);
    }

    private static long[] rawFields(Transport transport, FeatureSet accepted) {
        long[] raw = {0, SECTOR, Integer.MAX_VALUE, 1};
        if (transport.configLength() < LEAST_LENGTH) {
            return raw;
        }
        raw[0] = Integer.toUnsignedLong(transport.readConfig32(CAPACITY))
                | (long) transport.readConfig32(CAPACITY + 4) << 32;
        if (accepted.has(BlkFeatures.BLK_SIZE)) {
            raw[1] = optionalField(transport, BLK_SIZE, raw[1]);
        }
        if (accepted.has(BlkFeatures.SIZE_MAX)) {
            raw[2] = optionalField(transport, SIZE_MAX, raw[2]);
        }
        if (accepted.has(BlkFeatures.SEG_MAX)) {
            raw[3] = optionalField(transport, SEG_MAX, raw[3]);
        }
        return raw;
    }

    /** content:306: the space need only be large enough for what is read. */
    private static long optionalField(Transport transport, int offset, long otherwise) {
        return transport.configLength() < offset + 4
                ? otherwise
                : Integer.toUnsignedLong(transport.readConfig32(offset));
    }

    /** Size in bytes. */
    public long capacityBytes() {
        return capacitySectors * SECTOR;
    }
}
