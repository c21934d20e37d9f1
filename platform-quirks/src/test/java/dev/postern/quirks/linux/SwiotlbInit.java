package dev.postern.quirks.linux;

import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;

/**
 * Whether there is a default bounce pool, and whether everything goes through it.
 *
 * <p>Source, v6.12.117: swiotlb_init_remap(), setup_io_tlb_npages() and swiotlb_exit() in kernel/dma/swiotlb.c; the callers
 * pci_swiotlb_detect() and xen_swiotlb_enabled() in arch/x86/kernel/pci-dma.c, mem_init() in arch/arm64/mm/init.c (with
 * CONFIG_DMA_BOUNCE_UNALIGNED_KMALLOC always, from v6.13 forced in a realm), in arch/riscv/mm/init.c and arch/powerpc/mm/mem.c,
 * init_svm() in arch/powerpc/platforms/pseries/svm.c, pv_init() in arch/s390/mm/init.c, plat_swiotlb_setup() in
 * arch/mips/cavium-octeon/dma-octeon.c. SPARC has none.
 */
final class SwiotlbInit {

    private SwiotlbInit() {}

    /** is_swiotlb_active(): whether the device has a pool, its own or the default one. */
    static boolean active(FactSheet sheet) {
        return OfDmaSetRestrictedBuffer.sets(sheet) || hasDefaultPool(sheet);
    }

    /** is_swiotlb_force_bounce(): whether all the device's mappings go through its pool. */
    static boolean forceBounce(FactSheet sheet) {
        return OfDmaSetRestrictedBuffer.sets(sheet)
                || hasDefaultPool(sheet) && (sheet.is(FactName.SWIOTLB, "force") || platformForces(sheet));
    }

    private static boolean platformForces(FactSheet sheet) {
        return CcPlatformHas.guestMemEncrypt(sheet)
                || switch (sheet.value(FactName.PROTECTION)) {
                    case "s390-pv", "pseries-svm", "cca" -> true;
                    default -> false;
                };
    }

    private static boolean hasDefaultPool(FactSheet sheet) {
        if (sheet.is(FactName.SWIOTLB, "noforce")) {
            return false;
        }
        boolean above4g = sheet.number(FactName.RAM_BITS) > 32;
        boolean forced = sheet.is(FactName.SWIOTLB, "force");
        return switch (sheet.value(FactName.ARCHITECTURE)) {
            case "x86" ->
                above4g
                        || forced
                        || CcPlatformHas.guestMemEncrypt(sheet)
                        || CcPlatformHas.hostMemEncrypt(sheet)
                        || sheet.is(FactName.XEN, "pv") && sheet.is(FactName.XEN_INITIAL_DOMAIN, "yes");
            case "arm", "mips" -> true;
            case "riscv" -> above4g || forced || sheet.is(FactName.SNOOPED, "no");
            case "power" ->
                forced || sheet.is(FactName.PROTECTION, "pseries-svm") || sheet.is(FactName.SOC, "fsl-pci") && above4g;
            case "s390" -> sheet.is(FactName.PROTECTION, "s390-pv");
            default -> false;
        };
    }
}
