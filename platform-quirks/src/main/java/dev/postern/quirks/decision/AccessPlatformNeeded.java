package dev.postern.quirks.decision;

import static dev.postern.quirks.decision.ReservedFeature.ACCESS_PLATFORM;

import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;
import java.util.Set;

/** V6: a device that works only with ACCESS_PLATFORM must offer it. */
final class AccessPlatformNeeded extends Rule {

    AccessPlatformNeeded() {
        super(
                "V6",
                "ACCESS_PLATFORM is needed and not offered: refuse",
                "content:957; Linux drivers/xen/grant-dma-ops.c",
                "Linux refuses for Xen grants (xen_virtio_restricted_mem_acc with virtio_features_ok); vDPA parents"
                        + " fail the negotiation",
                SourceLine.here(),
                Ladder.ADMISSION);
    }

    @Override
    String evidence(DeviceFacts device, PlatformFacts platform) {
        return platform.more().describe(FactName.NEEDS_ACCESS_PLATFORM) + "; offered " + device.offered();
    }

    @Override
    Finding examine(DeviceFacts device, PlatformFacts platform) {
        FactSheet facts = platform.more();
        return facts.is(FactName.NEEDS_ACCESS_PLATFORM, "yes") && !device.offers(ACCESS_PLATFORM)
                ? new Finding.Settled(
                        evidenceOn(device, platform),
                        Set.of(),
                        new Outcome.Refuse(
                                "%s works only with ACCESS_PLATFORM (feature bit 33) and does not offer it: add features=+access_platform"
                                        .formatted(device.name())))
                : new Finding.NotMatched(evidenceOn(device, platform));
    }
}
