package dev.postern.quirks.decision;

import static dev.postern.quirks.decision.ReservedFeature.ACCESS_PLATFORM;

import dev.postern.quirks.FactName;

/** C1: the interconnect does not snoop the device, and ACCESS_PLATFORM makes that the driver's concern. */
final class InterconnectDoesNotSnoop extends Rule {

    InterconnectDoesNotSnoop() {
        super(
                "C1",
                "the interconnect does not snoop the device and ACCESS_PLATFORM is accepted: syncs are real",
                "DESIGN coherency; content:954b",
                "Linux honours dma-coherent and _CCA through its DMA API, which it uses with ACCESS_PLATFORM only",
                SourceLine.here(),
                Ladder.COHERENCY);
    }

    @Override
    String evidence(DeviceFacts device, PlatformFacts platform) {
        return platform.more().describe(FactName.SNOOPED) + "; offered " + device.offered();
    }

    @Override
    Finding examine(DeviceFacts device, PlatformFacts platform) {
        return platform.more().is(FactName.SNOOPED, "no") && device.offers(ACCESS_PLATFORM)
                ? new Finding.Synced(evidenceOn(device, platform), Coherency.NON_COHERENT)
                : new Finding.NotMatched(evidenceOn(device, platform));
    }
}
