package dev.postern.quirks.decision;

import java.util.Set;

/** D1: no part of RAM has an address that the device can say. */
final class AddressInexpressible extends Rule {

    AddressInexpressible() {
        super(
                "D1",
                "no RAM has an address that the device can express: refuse",
                "DESIGN two questions; Linux kernel/dma/direct.c",
                "Linux fails each mapping (dma_direct_map_page); without ACCESS_PLATFORM it cuts addresses off and"
                        + " warns",
                SourceLine.here(),
                Ladder.ADDRESSING);
    }

    @Override
    String evidence(DeviceFacts device, PlatformFacts platform) {
        return DmaWindow.evidence(device, platform.more());
    }

    @Override
    Finding examine(DeviceFacts device, PlatformFacts platform) {
        return DmaWindow.of(device, platform.more()).fit() == DmaWindow.Fit.INEXPRESSIBLE
                ? new Finding.Settled(
                        evidenceOn(device, platform),
                        Set.of(),
                        new Outcome.Refuse(
                                "%s can address no part of RAM: use a device with more address bits, or another bus"
                                        .formatted(device.name())))
                : new Finding.NotMatched(evidenceOn(device, platform));
    }
}
