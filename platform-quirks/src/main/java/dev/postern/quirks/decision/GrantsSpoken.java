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
    String evidence(DeviceFacts device, PlatformFacts platform) {
        return platform.more().describe(FactName.GRANTS);
    }

    @Override
    Finding examine(DeviceFacts device, PlatformFacts platform) {
        return platform.more().is(FactName.GRANTS, "spoken")
                ? new Finding.Settled(
                        evidenceOn(device, platform),
                        Addressing.acceptable(device),
                        new Outcome.Proceed(new DmaPlan.Granted()))
                : new Finding.NotMatched(evidenceOn(device, platform));
    }
}
