package dev.postern.virtio.blk;

/**
 * How much one discard, write-zeroes or secure-erase request may ask for.
 *
 * <p>A device that says 0 takes none: a request of no ranges, or of ranges of no sectors, asks for nothing (blk:888 to 896).
 *
 * @param mostSectors the most sectors of one request, whole blocks, 0 to 2^32 - 1. The specification leaves open whether the
 *     device's word bounds one range or all of a request (blk:257); Linux's driver keeps all of it below, and so does this one
 * @param mostRanges the most ranges of one request, 0 to {@link RequestMemory#MOST_RANGES}
 * @param alignment where to cut long ranges: at multiples of so many sectors; at least one block
 */
public record RangeLimits(long mostSectors, int mostRanges, long alignment) {

    /**
     * What the device's fields come to. Two of them may contradict each other: the alignment gives way, being advice (blk:259).
     *
     * @param blockSectors sectors of a block, a power of two
     */
    static RangeLimits of(long sectors, long ranges, long alignment, long blockSectors) {
        long most = sectors - sectors % blockSectors;
        boolean usable = alignment > blockSectors && alignment % blockSectors == 0 && alignment <= most;
        return new RangeLimits(
                most, (int) Math.min(ranges, RequestMemory.MOST_RANGES), usable ? alignment : blockSectors);
    }

    /** Whether a request can ask for anything. */
    public boolean allowsAny() {
        return mostSectors > 0 && mostRanges > 0;
    }
}
