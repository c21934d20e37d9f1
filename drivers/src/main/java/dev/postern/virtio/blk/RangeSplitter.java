package dev.postern.virtio.blk;

/**
 * Cuts ranges into requests that a device takes. Every sector comes exactly once, in the order in which it was given; ranges are
 * cut at the device's alignment where that leaves anything, and at the limit where it does not.
 */
final class RangeSplitter {

    private final RangeLimits limits;
    private final SectorRange[] ranges;
    private int range;
    /** Sectors of the current range that are done. */
    private long done;

    /**
     * Nothing is cut yet.
     *
     * @param limits that allow something
     * @param ranges checked to lie on the disk
     */
    RangeSplitter(RangeLimits limits, SectorRange... ranges) {
        this.limits = limits;
        this.ranges = ranges;
    }

    /** Whether there is more. */
    boolean hasNext() {
        return range < ranges.length;
    }

    /**
     * The next request.
     *
     * @param firsts first sectors, filled from 0 on
     * @param counts how many sectors each
     * @return how many ranges were filled, at least 1
     */
    int next(long[] firsts, long[] counts) {
        long left = limits.mostSectors();
        int filled = 0;
        while (hasNext() && filled < limits.mostRanges() && left > 0) {
            long first = ranges[range].first() + done;
            long rest = ranges[range].count() - done;
            long piece = rest <= left ? rest : cut(first, left);
            if (piece == 0) {
                // Not even up to the next boundary: a request of its own has more room.
                break;
            }
            firsts[filled] = first;
            counts[filled] = piece;
            filled++;
            left -= piece;
            done += piece;
            if (done == ranges[range].count()) {
                range++;
                done = 0;
            }
        }
        return filled;
    }

    /** The longest piece from {@code first} on that ends at a boundary; all of {@code most} when that is none and it is a whole request. */
    private long cut(long first, long most) {
        long piece = most - (first + most) % limits.alignment();
        return piece <= 0 ? most == limits.mostSectors() ? most : 0 : piece;
    }
}
