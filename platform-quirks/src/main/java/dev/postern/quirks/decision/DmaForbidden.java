package dev.postern.quirks.decision;

import static dev.postern.quirks.decision.ReservedFeature.ACCESS_PLATFORM;

import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;
import java.util.Set;

/**
 * V9: the firmware says that the device has no way to memory. Without ACCESS_PLATFORM the device's accesses do not go by what the
 * platform says (content:957), and a grant needs no way but the hypervisor's.
 */
final class DmaForbidden extends Rule {

    DmaForbidden() {
        super(
                "V9",
                "ACCESS_PLATFORM is offered, the firmware describes no DMA, and the back-end speaks no grants: refuse",
                "content:957, reference row 49; Linux drivers/acpi/scan.c, kernel/dma/dummy.c",
                "Linux gives it operations that map nothing (acpi_dma_configure_id), in a Xen guest even without the"
                        + " feature; those for grants replace them (xen_grant_setup_dma_ops)",
                SourceLine.here(),
                Ladder.ADMISSION);
    }

    @Override
    String evidence(DeviceFacts device, PlatformFacts platform) {
        return "offered " + device.offered() + "; " + platform.more().describe(FactName.DMA) + "; "
                + platform.more().describe(FactName.GRANTS);
    }

    @Override
    Finding examine(DeviceFacts device, PlatformFacts platform) {
        FactSheet facts = platform.more();
        return device.offers(ACCESS_PLATFORM)
                        && facts.is(FactName.DMA, "forbidden")
                        && facts.is(FactName.GRANTS, "none")
                ? new Finding.Settled(
                        evidenceOn(device, platform),
                        Set.of(),
                        new Outcome.Refuse(
                                "%s offers ACCESS_PLATFORM (feature bit 33) and has no DMA by its firmware tables: give it _CCA, or do not offer the feature (QEMU: iommu_platform=off)"
                                        .formatted(device.name())))
                : new Finding.NotMatched(evidenceOn(device, platform));
    }
}
