package dev.postern.quirks.decision;

import static dev.postern.quirks.decision.ReservedFeature.ACCESS_PLATFORM;

import java.util.Set;

/** T1: the IOMMU that will translate is not up, and an address handed out before would be wrong after. */
final class IommuNotUp extends Rule {

    IommuNotUp() {
        super(
                "T1",
                "ACCESS_PLATFORM is offered and its IOMMU is not up yet: defer",
                "DESIGN two questions; Linux drivers/acpi/viot.c",
                "Linux defers the probe (-EPROBE_DEFER)",
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
                        && state == IommuState.NOT_UP
                ? new Finding.Settled(evidenceOn(device, platform), Set.of(), new Outcome.Defer(iommu))
                : new Finding.NotMatched(evidenceOn(device, platform));
    }
}
