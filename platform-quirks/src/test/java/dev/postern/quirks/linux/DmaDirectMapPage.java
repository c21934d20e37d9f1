package dev.postern.quirks.linux;

import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;

/**
 * Which bytes dma-direct copies.
 *
 * <p>Source: dma_direct_map_page() in kernel/dma/direct.h and dma_kmalloc_needs_bounce() in include/linux/dma-map-ops.h, v6.12.117;
 * dma_direct_map_phys() of v6.18 decides the same for RAM.
 */
final class DmaDirectMapPage {

    private DmaDirectMapPage() {}

    /** Which bytes; where no byte of RAM is in reach, no mapping succeeds and the answer has no meaning. */
    static Bounce bounce(FactSheet sheet) {
        if (SwiotlbInit.forceBounce(sheet)) {
            return Bounce.ALWAYS;
        }
        if (DmaCapable.reach(sheet) != DmaCapable.Reach.ALL) {
            return SwiotlbInit.active(sheet) ? Bounce.BEYOND_REACH : Bounce.FAILS_BEYOND_REACH;
        }
        return kmalloc(sheet);
    }

    /** What dma_kmalloc_needs_bounce() asks for. */
    static Bounce kmalloc(FactSheet sheet) {
        boolean bounces = !DevIsDmaCoherent.coherent(sheet) && SwiotlbInit.active(sheet);
        return bounces ? Bounce.SHARED_CACHE_LINES : Bounce.NEVER;
    }

    /** What the device sees. */
    static DeviceView view(FactSheet sheet) {
        if (isBlocked(sheet)) {
            return DeviceView.BLOCKED;
        }
        if (!CcPlatformHas.memoryIsPrivate(sheet)) {
            return DeviceView.BUFFER;
        }
        // swiotlb_update_mem_attributes() and rmem_swiotlb_device_init() have shared the pool.
        return bounce(sheet) == Bounce.ALWAYS ? DeviceView.SHARED_COPY : DeviceView.PRIVATE_MEMORY;
    }

    private static boolean isBlocked(FactSheet sheet) {
        return sheet.is(FactName.IOMMU_KIND, "virtio-iommu")
                && sheet.is(FactName.IOMMU_STATE, "no-driver")
                && sheet.is(FactName.BOOT_BYPASS, "off");
    }
}
