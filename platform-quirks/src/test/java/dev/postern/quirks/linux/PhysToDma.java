package dev.postern.quirks.linux;

import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;

/**
 * How dma-direct makes a device's address of a physical one.
 *
 * <p>Source, v6.12.117: phys_to_dma() and translate_phys_to_dma() in include/linux/dma-direct.h; arch/powerpc/include/asm/dma-direct.h
 * with archdata.dma_offset, set by enable_ddw(), pci_dma_dev_setup_dart() (arch/powerpc/sysdev/dart_iommu.c) and
 * fsl_pci_dma_set_mask() (arch/powerpc/sysdev/fsl_pci.c); octeon_pci_dma_ops in arch/mips/cavium-octeon/dma-octeon.c. The top bit of a
 * realm's shared addresses is set by dma_addr_unencrypted() from v6.15; Hyper-V's boundary is not added to DMA addresses. SME's bit, sme_me_mask, is where
 * the window of the platform's addresses is: it is added by __sme_set() to all but the pool's.
 */
final class PhysToDma {

    /** DART_U4_BYPASS_BASE. */
    private static final long DART_U4_BYPASS_BASE = 0x80_0000_0000L;

    private PhysToDma() {}

    /** What is added; 0 for nothing, or where the form is not one offset. */
    static long offset(FactSheet sheet) {
        return switch (sheet.value(FactName.IOMMU_KIND)) {
            case "tce" -> sheet.is(FactName.DDW, "direct") ? sheet.number(FactName.WINDOW_ADDRESS) : 0;
            case "dart-u4" -> DmaIommuBypassSupported.forRam(sheet) ? DART_U4_BYPASS_BASE : 0;
            default ->
                sheet.is(FactName.SOC, "fsl-pci") || CcPlatformHas.hostMemEncrypt(sheet)
                        ? sheet.number(FactName.WINDOW_ADDRESS)
                        : sheet.number(FactName.OFFSET);
        };
    }

    /** What the address looks like when nothing bounces. */
    static AddressForm form(FactSheet sheet) {
        if (sheet.value(FactName.SOC).startsWith("octeon-") && VirtioTransport.isPci(sheet)) {
            return AddressForm.PIECEWISE;
        }
        if (!sheet.value(FactName.DMA_RANGES).isEmpty()) {
            return AddressForm.RANGES;
        }
        if (CcPlatformHas.hostMemEncrypt(sheet)) {
            return AddressForm.ENCRYPTION_BIT;
        }
        return offset(sheet) == 0 ? AddressForm.PHYSICAL : AddressForm.OFFSET;
    }

    /** What the address of a slot of the pool looks like: phys_to_dma_unencrypted(). */
    static AddressForm formOfPool(FactSheet sheet) {
        AddressForm form = form(sheet);
        if (form == AddressForm.PHYSICAL && sheet.is(FactName.PROTECTION, "cca")) {
            return AddressForm.SHARED_BIT;
        }
        return form == AddressForm.ENCRYPTION_BIT ? AddressForm.PHYSICAL : form;
    }
}
