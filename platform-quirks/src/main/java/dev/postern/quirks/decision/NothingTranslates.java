package dev.postern.quirks.decision;

import dev.postern.dma.DmaPlan;

/** R2: the last step of the ladder: ACCESS_PLATFORM is accepted, and the platform translates nothing. */
final class NothingTranslates extends Rule {

    NothingTranslates() {
        super(
                "R2",
                "otherwise ACCESS_PLATFORM is accepted and nothing translates: Direct",
                "content:954a",
                "Linux goes through its DMA API, which maps directly here (kernel/dma/mapping.c); U-Boot bounces"
                        + " whenever ACCESS_PLATFORM is accepted; FreeBSD never accepts it",
                SourceLine.here(),
                Ladder.ADDRESSING);
    }

    @Override
    String evidence(DeviceFacts device, PlatformFacts platform) {
        return platform.translation().toString();
    }

    @Override
    Finding examine(DeviceFacts device, PlatformFacts platform) {
        return new Finding.Settled(
                evidenceOn(device, platform),
                Addressing.acceptable(device),
                new Outcome.Proceed(new DmaPlan.Direct(0)));
    }
}
