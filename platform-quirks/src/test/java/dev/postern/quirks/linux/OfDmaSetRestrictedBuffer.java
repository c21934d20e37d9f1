package dev.postern.quirks.linux;

import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;

/**
 * Whether the device gets a bounce pool of its own.
 *
 * <p>Source: of_dma_set_restricted_buffer(), called by of_dma_configure_id() only when no IOMMU was configured, in
 * drivers/of/device.c; rmem_swiotlb_device_init() in kernel/dma/swiotlb.c sets force_bounce and for_alloc; v6.12.117 with
 * CONFIG_DMA_RESTRICTED_POOL. A shared-dma-pool is not looked at there.
 */
final class OfDmaSetRestrictedBuffer {

    private OfDmaSetRestrictedBuffer() {}

    /** Whether it does. */
    static boolean sets(FactSheet sheet) {
        return DeviceTree.describes(sheet)
                && !DmaConfigure.installsDummyOps(sheet)
                && !UseDmaIommu.configured(sheet)
                && sheet.is(FactName.MEMORY_REGION, "restricted-dma-pool");
    }
}
