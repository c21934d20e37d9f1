package dev.postern.quirks.decision;

import static dev.postern.quirks.decision.ReservedFeature.ACCESS_PLATFORM;

import dev.postern.dma.DmaPlan;
import java.util.Set;

/** D2: ACCESS_PLATFORM is accepted, nothing translates, and the platform sees RAM elsewhere. */
final class PlatformOffset extends Rule {

    PlatformOffset() {
        super(
                "D2",
                "ACCESS_PLATFORM is accepted and the platform adds an offset: Direct + offset",
                "content:954a; Linux drivers/of/device.c",
                "Linux adds it in phys_to_dma (kernel/dma/direct.h); on POWER when the 64-bit window covers RAM",
                SourceLine.here(),
                Ladder.ADDRESSING);
    }

    @Override
    String evidence(DeviceFacts device, PlatformFacts platform) {
        return "offered " + device.offered() + "; " + DmaWindow.evidence(device, platform.more());
    }

    @Override
    Finding examine(DeviceFacts device, PlatformFacts platform) {
        DmaWindow window = DmaWindow.of(device, platform.more());
        return device.offers(ACCESS_PLATFORM) && window.offset() != 0
                ? new Finding.Settled(
                        evidenceOn(device, platform),
                        Set.of(ACCESS_PLATFORM),
                        new Outcome.Proceed(new DmaPlan.Direct(window.offset())))
                : new Finding.NotMatched(evidenceOn(device, platform));
    }
}
