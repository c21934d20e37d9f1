package dev.postern.quirks.decision;

import dev.postern.dma.DmaPlan;
import dev.postern.quirks.FactName;

/** X1: the device takes grant references, not addresses. */
final class GrantsSpoken extends Rule {

    GrantsSpoken() {
        super(
                "X1",
                "the back-end speaks Xen grants: Granted",
                "reference rows 5 to 7; Linux drivers/xen/grant-dma-ops.c",
                "Linux does the same: bit 63 and the grant reference above the page offset",
                SourceLine.here(),
                Ladder.ADDRESSING);
    }

    @Override
    Finding examine(DeviceFacts device, PlatformFacts platform) {
        String evidence = platform.more().describe(FactName.GRANTS);
        return platform.more().is(FactName.GRANTS, "spoken")
                ? new Finding.Settled(
                        evidence, Addressing.acceptable(device), new Outcome.Proceed(new DmaPlan.Granted()))
                : new Finding.NotMatched(evidence);
    }
}
