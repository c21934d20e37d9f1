package dev.postern.quirks.linux;

import dev.postern.quirks.FactSheet;
import java.util.Optional;

/**
 * Which path a mapping through the DMA API takes.
 *
 * <p>Source: dma_go_direct() and dma_map_page_attrs() in kernel/dma/mapping.c, v6.12.117: a domain for the DMA API goes before the
 * device's own operations.
 */
final class DmaGoDirect {

    private DmaGoDirect() {}

    /** The path; never RAW. */
    static DmaPath path(FactSheet sheet) {
        if (UseDmaIommu.uses(sheet)) {
            return DmaPath.IOMMU;
        }
        Optional<DmaPath> ops = GetDmaOps.path(sheet);
        if (ops.isEmpty()) {
            return DmaPath.DIRECT;
        }
        // With a mask of 64 bits dma_direct_get_required_mask() is never above it.
        boolean bypass = ops.get() == DmaPath.PLATFORM_OPS && DmaIommuBypassSupported.forRam(sheet);
        return bypass ? DmaPath.DIRECT : ops.get();
    }
}
