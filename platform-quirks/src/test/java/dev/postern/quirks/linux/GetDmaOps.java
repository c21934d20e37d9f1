package dev.postern.quirks.linux;

import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;
import java.util.Optional;

/**
 * The operations of the device or, failing these, of the architecture.
 *
 * <p>Source, v6.12.117: get_dma_ops() in include/linux/dma-map-ops.h; xen_grant_setup_dma_ops() in drivers/xen/grant-dma-ops.c;
 * pci_xen_swiotlb_init() in arch/x86/kernel/pci-dma.c; xen_setup_dma_ops() in include/xen/arm/xen-ops.h with xen_swiotlb_detect()
 * in include/xen/arm/swiotlb-xen.h; iommu_init_early_pSeries() and iommu_init_early_dart() of POWER, both for PCI only; sun4v and
 * sun4u of SPARC.
 */
final class GetDmaOps {

    private GetDmaOps() {}

    /** The path that the operations lead to; empty for none, which is dma-direct. Dummy operations are not among them. */
    static Optional<DmaPath> path(FactSheet sheet) {
        if (VirtioCheckMemAcc.setsUpGrants(sheet)) {
            return Optional.of(DmaPath.XEN_GRANTS);
        }
        if (hasXenSwiotlb(sheet)) {
            return Optional.of(DmaPath.XEN_SWIOTLB);
        }
        return hasPlatformOps(sheet) ? Optional.of(DmaPath.PLATFORM_OPS) : Optional.empty();
    }

    private static boolean hasXenSwiotlb(FactSheet sheet) {
        return sheet.is(FactName.XEN_INITIAL_DOMAIN, "yes")
                && switch (sheet.value(FactName.ARCHITECTURE)) {
                    case "x86" -> sheet.is(FactName.XEN, "pv");
                    case "arm" -> !sheet.is(FactName.XEN, "none");
                    default -> false;
                };
    }

    private static boolean hasPlatformOps(FactSheet sheet) {
        boolean offByFirmware = sheet.is(FactName.IOMMU_STATE, "none") || sheet.is(FactName.IOMMU_STATE, "no-driver");
        return switch (sheet.value(FactName.IOMMU_KIND)) {
            // linux,iommu-off below /chosen is the only way around the operations of pseries.
            case "tce", "dart", "dart-u4" -> VirtioTransport.isPci(sheet) && !offByFirmware;
            case "dvma" -> VirtioTransport.isPci(sheet);
            default -> false;
        };
    }
}
