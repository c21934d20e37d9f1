package dev.postern.quirks.decision;

import static dev.postern.quirks.decision.ReservedFeature.ACCESS_PLATFORM;

import dev.postern.dma.DmaPlan;
import java.util.Set;

/** R2: ACCESS_PLATFORM is accepted, and the platform translates nothing. */
final class NothingTranslates extends Rule {

    NothingTranslates() {
        super(
                "R2",
                "ACCESS_PLATFORM is accepted and nothing translates: Direct",
                "content:954a",
                "Linux goes through its DMA API, which maps directly here (kernel/dma/mapping.c)",
                SourceLine.here(),
                Ladder.ADDRESSING);
    }

    @Override
    Finding examine(DeviceFacts device, PlatformFacts platform) {
        String evidence = platform.translation().toString();
        return switch (platform.translation().value()) {
            case Translation.None() ->
                new Finding.Settled(evidence, Set.of(ACCESS_PLATFORM), new Outcome.Proceed(new DmaPlan.Direct(0)));
            case Translation.BehindIommu(String _) -> new Finding.NotMatched(evidence);
        };
    }
}
