package dev.postern.quirks.linux;

import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;
import java.util.List;
import java.util.Optional;

/**
 * How much of RAM has an address below the limit of the device's mask and of the bus.
 *
 * <p>Source: dma_capable() in include/linux/dma-direct.h, v6.12.117; bus_dma_limit comes from dma_range_map_max() of dma-ranges
 * (of_dma_configure_id() in drivers/of/device.c) or from firmware's width of the bus.
 */
final class DmaCapable {

    /** How much of RAM. */
    enum Reach {
        /** Every byte. */
        ALL,
        /** Some of it; a pool is put into that part. */
        SOME,
        /** No byte. */
        NONE
    }

    private DmaCapable() {}

    /** How much of RAM the device reaches without a pool. */
    static Reach reach(FactSheet sheet) {
        long lowest = sheet.number(FactName.RAM_BASE);
        long highest = mask(sheet.number(FactName.RAM_BITS));
        return switch (PhysToDma.form(sheet)) {
            case RANGES -> throughRanges(sheet, lowest, highest);
            case OFFSET -> {
                long offset = PhysToDma.offset(sheet);
                yield contiguous(lowest + offset, highest + offset, limit(sheet));
            }
            // The hardware's windows take in all of RAM.
            case PIECEWISE -> Reach.ALL;
            case ENCRYPTION_BIT -> {
                // A pool has addresses without the bit.
                boolean all = reaches(sheet, highest | PhysToDma.offset(sheet));
                yield all ? Reach.ALL : reaches(sheet, lowest) ? Reach.SOME : Reach.NONE;
            }
            default -> contiguous(lowest, highest, limit(sheet));
        };
    }

    private static Reach contiguous(long lowest, long highest, long limit) {
        if (Long.compareUnsigned(highest, limit) <= 0) {
            return Reach.ALL;
        }
        return Long.compareUnsigned(lowest, limit) <= 0 ? Reach.SOME : Reach.NONE;
    }

    private static Reach throughRanges(FactSheet sheet, long lowest, long highest) {
        List<BusDmaRegion> map = BusDmaRegion.of(sheet);
        boolean some = false;
        long physical = lowest;
        // Region by region: within one the highest address decides, and a gap is a part without address.
        while (true) {
            long start = physical;
            Optional<BusDmaRegion> region =
                    map.stream().filter(range -> range.has(start)).findFirst();
            if (region.isEmpty()) {
                return some || anyRegionReaches(sheet, map, lowest, highest) ? Reach.SOME : Reach.NONE;
            }
            if (!reachesEnd(sheet, region.get())) {
                return some || reaches(sheet, region.get().dmaStart()) ? Reach.SOME : Reach.NONE;
            }
            some = true;
            long end = region.get().cpuEnd();
            if (end == 0 || Long.compareUnsigned(end, highest) > 0) {
                return Reach.ALL;
            }
            physical = end;
        }
    }

    private static boolean anyRegionReaches(FactSheet sheet, List<BusDmaRegion> map, long lowest, long highest) {
        return map.stream()
                .filter(region -> Long.compareUnsigned(region.cpuStart(), highest) <= 0
                        && Long.compareUnsigned(region.cpuEnd() - 1, lowest) >= 0)
                .anyMatch(region -> reaches(sheet, region.dmaStart()));
    }

    private static boolean reachesEnd(FactSheet sheet, BusDmaRegion region) {
        return reaches(sheet, region.dmaLast());
    }

    private static boolean reaches(FactSheet sheet, long address) {
        return Long.compareUnsigned(address, limit(sheet)) <= 0;
    }

    private static long limit(FactSheet sheet) {
        return mask(Math.min(VirtioDmaMask.STREAMING_BITS, sheet.number(FactName.BUS_BITS)));
    }

    private static long mask(long bits) {
        return -1L >>> (64 - bits);
    }
}
