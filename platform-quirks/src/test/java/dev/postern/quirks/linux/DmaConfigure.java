package dev.postern.quirks.linux;

import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;
import java.util.Optional;

/**
 * What the bus does to a device before any virtio code runs, ACCESS_PLATFORM or not.
 *
 * <p>Source, v6.12.117: pci_dma_configure() in drivers/pci/pci-driver.c; of_dma_configure_id() in drivers/of/device.c;
 * acpi_dma_configure_id() and acpi_dma_supported() in drivers/acpi/scan.c; driver_deferred_probe_check_state() in drivers/base/dd.c
 * through iommu_fwspec_init() in drivers/iommu/iommu.c.
 */
final class DmaConfigure {

    private DmaConfigure() {}

    /**
     * Whether the device gets dma_dummy_ops (kernel/dma/dummy.c), which map nothing: arm64 selects CONFIG_ACPI_CCA_REQUIRED, and
     * no _CCA is seen. A fact that forbids DMA is read as the same.
     */
    static boolean installsDummyOps(FactSheet sheet) {
        return sheet.is(FactName.DMA, "forbidden")
                || sheet.is(FactName.ARCHITECTURE, "arm") && sheet.is(FactName.ACPI_CCA, "missing");
    }

    /**
     * The driver that the probe waits for with -EPROBE_DEFER; empty when it waits for none. Only IOMMUs that firmware describes by
     * a node are waited for: drivers of Intel's and AMD's are built in, and are there or have failed.
     */
    static Optional<LinuxAnswer.Deferred> deferral(FactSheet sheet) {
        if (installsDummyOps(sheet) || !sheet.is(FactName.IOMMU_STATE, "not-up")) {
            return Optional.empty();
        }
        return switch (sheet.value(FactName.IOMMU_KIND)) {
            case "virtio-iommu", "smmuv3" ->
                Optional.of(new LinuxAnswer.Deferred("the driver of " + sheet.value(FactName.IOMMU_KIND)));
            default -> Optional.empty();
        };
    }
}
