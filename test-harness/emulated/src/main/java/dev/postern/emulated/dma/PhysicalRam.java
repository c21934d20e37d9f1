package dev.postern.emulated.dma;

import dev.postern.emulated.board.GuestMemory;
import dev.postern.machine.RamRegion;
import java.lang.foreign.MemorySegment;

/** The view of a machine without an IOMMU: an address on the bus is a physical address, and all of RAM is in reach. */
public final class PhysicalRam implements DmaView {

    private final GuestMemory memory;

    /** A view of all of {@code memory}. */
    public PhysicalRam(GuestMemory memory) {
        this.memory = memory;
    }

    @Override
    public MemorySegment piece(Requester by, long dva, long length, DmaIntent intent) {
        RamRegion region = memory.regionOf(dva, 1);
        if (region == null) {
            return null;
        }
        return region.segment().asSlice(dva - region.basePa(), Math.min(length, region.endPa() - dva));
    }

    @Override
    public long reach(Requester by, long dva, long length, DmaIntent intent) {
        RamRegion region = memory.regionOf(dva, 1);
        return region == null ? 0 : Math.min(length, region.endPa() - dva);
    }

    @Override
    public RamRegion plainRam(Requester by, long dva, long length, DmaIntent intent) {
        return memory.regionOf(dva, length);
    }

    @Override
    public long pa(Requester by, long dva) {
        return memory.regionOf(dva, 1) == null ? NOWHERE : dva;
    }
}
