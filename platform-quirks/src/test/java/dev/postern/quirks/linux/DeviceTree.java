package dev.postern.quirks.linux;

import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;

/**
 * Whether a device tree describes the machine, and not ACPI.
 *
 * <p>Source: pci_dma_configure() in drivers/pci/pci-driver.c and platform_dma_configure() in drivers/base/platform.c, v6.12.117: a
 * device of arm or riscv that has no ACPI companion is configured from its node.
 */
final class DeviceTree {

    private DeviceTree() {}

    /** Whether of_dma_configure() runs for the device. */
    static boolean describes(FactSheet sheet) {
        return switch (sheet.value(FactName.ARCHITECTURE)) {
            case "arm", "riscv" -> sheet.is(FactName.ACPI_CCA, "no-acpi");
            default -> false;
        };
    }
}
