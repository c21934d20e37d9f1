package dev.postern.dma.backend;

import dev.postern.machine.RamRegion;
import dev.postern.memory.PhysicalMemory;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Where RAM is, laid out for the path of every request: plain numbers, nothing thrown, nothing allocated. Immutable. */
final class RegionMap {

    /** No region holds the range. */
    static final int NONE = -1;

    private final long[] bases;
    private final long[] sizes;
    private final MemorySegment[] segments;

    RegionMap(PhysicalMemory memory) {
        List<RamRegion> regions = memory.regions();
        bases = regions.stream().mapToLong(RamRegion::basePa).toArray();
        sizes = regions.stream().mapToLong(RamRegion::size).toArray();
        segments = regions.stream().map(RamRegion::segment).toArray(MemorySegment[]::new);
    }

    /**
     * The number of the region that holds a range, or {@link #NONE}.
     *
     * @param length at least 1
     */
    int find(long pa, long length) {
        for (int i = 0; i < bases.length; i++) {
            long at = pa - bases[i];
            // Both differences may be negative, and an address far below a region wraps to one far beyond it.
            if (at >= 0 && pa >= 0 && at <= sizes[i] - length) {
                return i;
            }
        }
        return NONE;
    }

    /** The bytes of a region. */
    MemorySegment segment(int region) {
        return segments[region];
    }

    /** Where an address lies in its region. */
    long offset(int region, long pa) {
        return pa - bases[region];
    }
}
