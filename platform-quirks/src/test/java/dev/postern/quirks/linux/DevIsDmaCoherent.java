package dev.postern.quirks.linux;

import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;

/**
 * Whether Linux takes the device for coherent.
 *
 * <p>Source, v6.12.117: dev_is_dma_coherent() in include/linux/dma-map-ops.h is true always on architectures without
 * CONFIG_ARCH_HAS_SYNC_DMA_FOR_DEVICE or _FOR_CPU, which are x86, s390, 64-bit POWER and SPARC, and MIPS with Octeon; on arm64 and
 * riscv it is what arch_setup_dma_ops() was given: of_dma_is_coherent() in drivers/of/address.c (dma-coherent or dma-noncoherent of
 * the node or its parents) or acpi_get_dma_attr() in drivers/acpi/scan.c (_CCA). No bit of a transaction is looked at.
 */
final class DevIsDmaCoherent {

    private DevIsDmaCoherent() {}

    /** Whether it does; of a device tree the fact that the device is snooped is taken for the property that says so. */
    static boolean coherent(FactSheet sheet) {
        return switch (sheet.value(FactName.ARCHITECTURE)) {
            case "arm", "riscv" ->
                switch (sheet.value(FactName.ACPI_CCA)) {
                    case "0" -> false;
                    // Without _CCA only riscv gets here to any effect: it defaults to 1.
                    case "1", "missing" -> true;
                    default -> sheet.is(FactName.SNOOPED, "yes");
                };
            default -> true;
        };
    }
}
