package dev.postern.quirks.linux;

import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;

/**
 * Whether the operations of POWER step aside for a window in which all of RAM is mapped.
 *
 * <p>Source, v6.12.117: dma_iommu_bypass_supported() and arch_dma_map_page_direct() in arch/powerpc/kernel/dma-iommu.c;
 * iommu_bypass_supported_pSeriesLP() (a mask of more than 32 bits) and enable_ddw() in arch/powerpc/platforms/pseries/iommu.c, which
 * is true only for a window that covers all RAM; with persistent memory a window of RAM alone limits the bus, and RAM is still mapped
 * directly while rings go through the table; iommu_bypass_supported_dart() in arch/powerpc/sysdev/dart_iommu.c: a U4, its own PCIe,
 * a mask of at least 40 bits.
 */
final class DmaIommuBypassSupported {

    private DmaIommuBypassSupported() {}

    /** Whether buffers in RAM are mapped directly. */
    static boolean forRam(FactSheet sheet) {
        return switch (sheet.value(FactName.IOMMU_KIND)) {
            case "tce" -> sheet.is(FactName.DDW, "direct");
            case "dart-u4" -> true;
            default -> false;
        };
    }
}
