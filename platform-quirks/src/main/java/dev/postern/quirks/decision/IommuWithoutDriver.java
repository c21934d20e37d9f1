package dev.postern.quirks.decision;

import static dev.postern.quirks.decision.ReservedFeature.ACCESS_PLATFORM;

import java.util.Set;

/** R3: something translates that has no driver here; whoever accepts ACCESS_PLATFORM must configure it, and a guess would let the device write anywhere. */
final class IommuWithoutDriver extends Rule {

    IommuWithoutDriver() {
        super(
                "R3",
                "ACCESS_PLATFORM is offered and an IOMMU translates that has no driver: refuse",
                "content:954b",
                "Linux translates through the IOMMU when it has a driver for it (drivers/iommu/dma-iommu.c)",
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
                        && platform.translation().value() instanceof Translation.BehindIommu(var _, IommuState state)
                        && state == IommuState.NO_DRIVER
                ? new Finding.Settled(
                        evidenceOn(device, platform),
                        Set.of(),
                        new Outcome.Refuse(
                                "%s offers ACCESS_PLATFORM (feature bit 33) and is %s, which has no driver here: take the IOMMU away (--iommu none) or do not offer the feature (QEMU: iommu_platform=off)"
                                        .formatted(
                                                device.name(),
                                                platform.translation().value())))
                : new Finding.NotMatched(evidenceOn(device, platform));
    }
}
