package dev.postern.virtio.blk;

import dev.postern.dma.DmaContext;
import dev.postern.virtio.ProbeRefusedException;

/**
 * How large a read or write may be, after what device, context and ring allow. Fixed when the disk is opened.
 *
 * @param segment the longest data segment in bytes; whole sectors
 * @param segments the most data segments of one request
 * @param bytes the most bytes of one request; whole blocks
 */
record TransferLimits(int segment, int segments, long bytes) {

    /** Beyond it a request takes long and gains nothing. */
    private static final long LARGEST = 4 << 20;

    /**
     * The limits of a disk. All products are of 64 bits: 4 GiB in 32 is 0 (CVE-2023-52762).
     *
     * @param elements the most elements that a chain leaves to data
     * @throws ProbeRefusedException when not even a block can be carried
     */
    static TransferLimits of(String device, BlkConfiguration configuration, DmaContext dma, int elements)
            throws ProbeRefusedException {
        int segment = (int) Math.min(configuration.largestSegment(), dma.largestMapping()) & -BlkConfiguration.SECTOR;
        if (segment == 0) {
            throw new ProbeRefusedException("%s: mappings of at most %d bytes cannot carry a sector of %d"
                    .formatted(device, dma.largestMapping(), BlkConfiguration.SECTOR));
        }
        int segments = Math.min(configuration.mostSegments(), elements);
        long mappable = Math.min(dma.largestRequest(), (long) segment * segments);
        long bytes = Math.min(LARGEST, mappable) & -configuration.blockSize();
        if (bytes == 0) {
            throw new ProbeRefusedException(
                    "%s: requests of at most %d bytes cannot carry a block of %d; raise seg_max or size_max, or choose smaller blocks"
                            .formatted(device, mappable, configuration.blockSize()));
        }
        return new TransferLimits(segment, segments, bytes);
    }
}
