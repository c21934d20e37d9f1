package dev.postern.memory;

import dev.postern.machine.RamRegion;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The RAM of a machine, addressed by guest-physical address.
 *
 * <p><b>Ownership:</b> the segments belong to the machine and live until it is closed. <b>Threads:</b> immutable; what
 * the segments hold may change at any time by the device side.
 */
public final class PhysicalMemory {

    private final RamRegion[] regions;
    private final long size;

    /**
     * Takes over the map of RAM.
     *
     * @param regions at least one, in ascending order of address, without overlap
     * @throws IllegalArgumentException if there is none, or their order or an overlap is wrong
     */
    public PhysicalMemory(List<RamRegion> regions) {
        if (regions.isEmpty()) {
            throw new IllegalArgumentException("a machine without RAM cannot run a guest: give it at least one region");
        }
        this.regions = regions.toArray(RamRegion[]::new);
        long sum = 0;
        for (int i = 0; i < this.regions.length; i++) {
            if (i > 0 && this.regions[i].basePa() < this.regions[i - 1].endPa()) {
                throw new IllegalArgumentException(
                        "RAM region 0x%x begins before the end of the region 0x%x: give them in ascending order, apart"
                                .formatted(this.regions[i].basePa(), this.regions[i - 1].basePa()));
            }
            sum += this.regions[i].size();
        }
        this.size = sum;
    }

    /** The regions, ascending. */
    public List<RamRegion> regions() {
        return List.of(regions);
    }

    /** Bytes of RAM in all regions. */
    public long size() {
        return size;
    }

    /** Whether all {@code length} bytes from {@code pa} lie inside one region. */
    public boolean contains(long pa, long length) {
        return find(pa, length) != null;
    }

    /** Whether any byte of the range is RAM. */
    public boolean overlaps(PhysRange range) {
        for (RamRegion region : regions) {
            if (range.basePa() < region.endPa() && region.basePa() < range.endPa()) {
                return true;
            }
        }
        return false;
    }

    /**
     * The region that holds all {@code length} bytes from {@code pa}.
     *
     * @throws NotRamException if no single region does
     */
    public RamRegion regionOf(long pa, long length) {
        RamRegion region = find(pa, length);
        if (region == null) {
            throw new NotRamException(
                    "0x%x, length 0x%x, is not inside one RAM region; RAM is %s".formatted(pa, length, this));
        }
        return region;
    }

    /**
     * The bytes from {@code pa}, as a view that ends after {@code length} of them.
     *
     * @throws NotRamException if the range does not lie inside one region
     */
    public MemorySegment slice(long pa, long length) {
        RamRegion region = regionOf(pa, length);
        return region.segment().asSlice(pa - region.basePa(), length);
    }

    private RamRegion find(long pa, long length) {
        for (RamRegion region : regions) {
            if (region.contains(pa, length)) {
                return region;
            }
        }
        return null;
    }

    /** The regions, for messages. */
    @Override
    public String toString() {
        return List.of(regions).stream()
                .map(region -> new PhysRange(region.basePa(), region.size()).toString())
                .collect(Collectors.joining(", "));
    }
}
