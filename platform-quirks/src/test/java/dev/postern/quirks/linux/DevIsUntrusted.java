package dev.postern.quirks.linux;

import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;

/**
 * Whether the device was plugged in from outside.
 *
 * <p>Source: dev_is_untrusted() in drivers/iommu/dma-iommu.c and set_pcie_untrusted() in drivers/pci/probe.c, v6.12.117: a PCI
 * function below a port that firmware calls external-facing. Only dma-iommu asks for it.
 */
final class DevIsUntrusted {

    private DevIsUntrusted() {}

    /** Whether it was. */
    static boolean untrusted(FactSheet sheet) {
        return VirtioTransport.isPci(sheet) && sheet.is(FactName.PORT, "external-facing");
    }
}
