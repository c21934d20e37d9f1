package dev.postern.bus.pci;

import dev.postern.memory.PhysRange;
import java.util.List;
import java.util.Optional;

/**
 * The addresses that the host bridge can give away.
 *
 * @param low below 4 GiB
 * @param high above 4 GiB and all RAM
 */
record HostWindows(Optional<PhysRange> low, Optional<PhysRange> high) {

    /** Between the top of low RAM and the interrupt controllers of a PC, which begin at 0xfec00000. */
    private static final PhysRange LOW = PhysRange.between(0xc000_0000L, 0xfec0_0000L);

    /** Both the alignment of the high window and its least size; it also leaves room for memory that is plugged in. */
    private static final long HIGH_GRANULE = 64L << 30;

    /** Reached with the 39 address bits that the smallest IOMMU has. */
    private static final long HIGH_END = 1L << 39;

    /** What is left beside the ranges that are in use. */
    static HostWindows around(List<PhysRange> used) {
        return new HostWindows(largestGap(used), aboveAll(used));
    }

    private static Optional<PhysRange> largestGap(List<PhysRange> used) {
        List<PhysRange> ascending = used.stream()
                .filter(LOW::overlaps)
                .sorted((a, b) -> Long.compare(a.basePa(), b.basePa()))
                .toList();
        long free = LOW.basePa();
        Optional<PhysRange> largest = Optional.empty();
        for (PhysRange range : ascending) {
            largest = larger(largest, free, range.basePa());
            free = Math.max(free, roundUp(range.endPa(), BridgeWindows.GRANULE));
        }
        return larger(largest, free, LOW.endPa());
    }

    private static Optional<PhysRange> larger(Optional<PhysRange> largest, long from, long to) {
        long end = to & -BridgeWindows.GRANULE;
        long length = end - from;
        return length > 0 && length > largest.map(PhysRange::length).orElse(0L)
                ? Optional.of(new PhysRange(from, length))
                : largest;
    }

    private static Optional<PhysRange> aboveAll(List<PhysRange> used) {
        long top = used.stream().mapToLong(PhysRange::endPa).max().orElse(0);
        if (top > HIGH_END - HIGH_GRANULE) {
            return Optional.empty();
        }
        long base = Math.max(roundUp(top, HIGH_GRANULE), HIGH_GRANULE);
        return Optional.of(PhysRange.between(base, HIGH_END));
    }

    private static long roundUp(long value, long powerOfTwo) {
        return (value + powerOfTwo - 1) & -powerOfTwo;
    }
}
