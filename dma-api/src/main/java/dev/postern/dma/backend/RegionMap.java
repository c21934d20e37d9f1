package dev.postern.dma.backend;

import dev.postern.dma.PaWindow;
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

    /** All of RAM. */
    RegionMap(PhysicalMemory memory) {
        this(memory.regions());
    }

    private RegionMap(List<RamRegion> regions) {
        bases = regions.stream().mapToLong(RamRegion::basePa).toArray();
        sizes = regions.stream().mapToLong(RamRegion::size).toArray();
        segments = regions.stream().map(RamRegion::segment).toArray(MemorySegment[]::new);
    }

    private RegionMap(long[] bases, long[] sizes) {
        this.bases = bases;
        this.sizes = sizes;
        segments = new MemorySegment[bases.length];
    }

    /** The RAM inside a window; it says where, and has no bytes. So the window costs nothing on the path of a request. */
    static RegionMap within(PhysicalMemory memory, PaWindow window) {
        List<RamRegion> regions = memory.regions();
        long[] bases = new long[regions.size()];
        long[] sizes = new long[regions.size()];
        for (int i = 0; i < bases.length; i++) {
            RamRegion region = regions.get(i);
            long last = region.endPa() - 1;
            long from =
                    Long.compareUnsigned(window.firstPa(), region.basePa()) > 0 ? window.firstPa() : region.basePa();
            long to = Long.compareUnsigned(window.lastPa(), last) < 0 ? window.lastPa() : last;
            // What lies outside wholly becomes a region without a byte, in which nothing is found.
            boolean inside = Long.compareUnsigned(from, to) <= 0;
            bases[i] = inside ? from : region.basePa();
            sizes[i] = inside ? to - from + 1 : 0;
        }
        return new RegionMap(bases, sizes);
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
