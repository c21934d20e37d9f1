package dev.postern.quirks.decision;

import static dev.postern.quirks.decision.ReservedFeature.ACCESS_PLATFORM;

import dev.postern.dma.DmaPlan;
import java.util.Set;

/** T2: ACCESS_PLATFORM is accepted and the platform puts the device behind an IOMMU that is not bypassed. */
final class IommuTranslates extends Rule {

    IommuTranslates() {
        super(
                "T2",
                "ACCESS_PLATFORM is offered and a driven IOMMU translates: Translated",
                "content:954b; DESIGN two questions",
                "Linux maps through its IOMMU too (drivers/iommu/dma-iommu.c); Asterinas does so even without the"
                        + " feature; DPDK never looks at it",
                SourceLine.here(),
                Ladder.ADDRESSING);
    }

    @Override
    String evidence(DeviceFacts device, PlatformFacts platform) {
        return "offered " + device.offered() + "; " + platform.translation();
    }

    @Override
    Finding examine(DeviceFacts device, PlatformFacts platform) {
        return device.offers(ACCESS_PLATFORM)
                        && platform.translation().value()
                                instanceof Translation.BehindIommu(String iommu, IommuState state)
                        && state == IommuState.UP
                ? new Finding.Settled(
                        evidenceOn(device, platform),
                        Set.of(ACCESS_PLATFORM),
                        new Outcome.Proceed(new DmaPlan.Translated(iommu)))
                : new Finding.NotMatched(evidenceOn(device, platform));
    }
}
