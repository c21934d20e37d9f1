package dev.postern.quirks.decision;

import java.util.Set;

/**
 * R3: the last step of the ladder. Something translates that has no driver here; whoever accepts ACCESS_PLATFORM must
 * configure it, and a guess would let the device write anywhere.
 */
final class IommuWithoutDriver extends Rule {

    IommuWithoutDriver() {
        super(
                "R3",
                "otherwise an IOMMU translates that has no driver: refuse",
                "content:954b",
                "Linux translates through the IOMMU when it has a driver for it (drivers/iommu/dma-iommu.c)",
                SourceLine.here(),
                Ladder.ADDRESSING);
    }

    @Override
    Finding examine(DeviceFacts device, PlatformFacts platform) {
        return new Finding.Settled(
                platform.translation().toString(),
                Set.of(),
                new Outcome.Refuse(
                        "%s offers ACCESS_PLATFORM (feature bit 33) and is %s, which has no driver here: take the IOMMU away (--iommu none) or do not offer the feature (QEMU: iommu_platform=off)"
                                .formatted(device.name(), platform.translation().value())));
    }
}
