package dev.postern.quirks.linux;

import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;

/**
 * Whether the device's default IOMMU domain is one for the DMA API.
 *
 * <p>Source, v6.12.117: iommu_setup_dma_ops() in drivers/iommu/dma-iommu.c; iommu_subsys_init() and iommu_get_default_domain_type()
 * in drivers/iommu/iommu.c: translated unless the command line or the build says identity, and translated always for a device that
 * is not trusted. TCEs, DART and DVMA are no domains of this kind.
 */
final class UseDmaIommu {

    private UseDmaIommu() {}

    /** Whether dev->dma_iommu is set. */
    static boolean uses(FactSheet sheet) {
        if (!isGeneric(sheet) || DmaConfigure.installsDummyOps(sheet)) {
            return false;
        }
        return switch (sheet.value(FactName.IOMMU_STATE)) {
            case "up" -> true;
            case "bypassed" -> DevIsUntrusted.untrusted(sheet);
            default -> false;
        };
    }

    /** Whether of_iommu_configure() or its like found an IOMMU and its driver, whatever the domain. */
    static boolean configured(FactSheet sheet) {
        return isGeneric(sheet) && (sheet.is(FactName.IOMMU_STATE, "up") || sheet.is(FactName.IOMMU_STATE, "bypassed"));
    }

    private static boolean isGeneric(FactSheet sheet) {
        return switch (sheet.value(FactName.IOMMU_KIND)) {
            case "tce", "dart", "dart-u4", "dvma" -> false;
            default -> true;
        };
    }
}
