package dev.postern.quirks.linux;

import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;

/**
 * Which bytes the path through an IOMMU copies. A forced pool is not asked for there, so a protected guest's private pages are mapped
 * as they are.
 *
 * <p>Source: iommu_dma_map_page() and dev_use_swiotlb() in drivers/iommu/dma-iommu.c, v6.12.117.
 */
final class IommuDmaMapPage {

    private IommuDmaMapPage() {}

    /** Which bytes. */
    static Bounce bounce(FactSheet sheet) {
        if (DevIsUntrusted.untrusted(sheet) && sheet.is(FactName.BUFFERS, "parts-of-pages")) {
            return Bounce.PARTS_OF_PAGES;
        }
        return DmaDirectMapPage.kmalloc(sheet);
    }

    /** What the device sees behind the IOMMU. */
    static DeviceView view(FactSheet sheet) {
        return CcPlatformHas.memoryIsPrivate(sheet) ? DeviceView.PRIVATE_MEMORY : DeviceView.BUFFER;
    }
}
