package dev.postern.virtio.blk;

/**
 * How a disk likes to be used (blk:239). Advice: nothing depends on it but speed.
 *
 * @param physicalBlock the unit that the medium writes, in bytes; a power of two
 * @param firstAligned where the first physical block begins, in bytes
 * @param leastTransfer the smallest transfer that is not slow, in bytes; 0 when the device does not say
 * @param bestTransfer the largest transfer that is still faster than smaller ones, in bytes; 0 when the device does not say
 */
public record BlkTopology(long physicalBlock, long firstAligned, long leastTransfer, long bestTransfer) {

    /** The largest physical block that makes sense: 64 MiB. Beyond it the device's word is no advice. */
    private static final long LARGEST = 64 << 20;

    /** What the fields say, or null when it makes no sense. No product overflows: the largest is 2^32 blocks of 1 MiB. */
    static BlkTopology of(int blockSize, long exponent, long offset, long least, long best) {
        if (exponent > Long.numberOfTrailingZeros(LARGEST) || (long) blockSize << exponent > LARGEST) {
            return null;
        }
        return new BlkTopology((long) blockSize << exponent, offset * blockSize, least * blockSize, best * blockSize);
    }
}
