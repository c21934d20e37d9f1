package dev.postern.quirks.decision;

import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;
import java.util.Set;

/** V9: the firmware says that the device has no way to memory. */
final class DmaForbidden extends Rule {

    DmaForbidden() {
        super(
                "V9",
                "the firmware describes no DMA for the device: refuse",
                "reference row 49; Linux drivers/acpi/scan.c",
                "Linux sets no DMA operations up for it (acpi_get_dma_attr)",
                SourceLine.here(),
                Ladder.ADMISSION);
    }

    @Override
    String evidence(DeviceFacts device, PlatformFacts platform) {
        return platform.more().describe(FactName.DMA);
    }

    @Override
    Finding examine(DeviceFacts device, PlatformFacts platform) {
        FactSheet facts = platform.more();
        return facts.is(FactName.DMA, "forbidden")
                ? new Finding.Settled(
                        evidenceOn(device, platform),
                        Set.of(),
                        new Outcome.Refuse("%s has no DMA by its firmware tables: give it _CCA, or take the device away"
                                .formatted(device.name())))
                : new Finding.NotMatched(evidenceOn(device, platform));
    }
}
