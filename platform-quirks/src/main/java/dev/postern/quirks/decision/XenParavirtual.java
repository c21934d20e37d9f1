package dev.postern.quirks.decision;

import dev.postern.dma.DmaPlan;
import dev.postern.quirks.FactName;

/** X2: what a paravirtualised Xen guest calls physical is not what a device on the machine sees. */
final class XenParavirtual extends Rule {

    XenParavirtual() {
        super(
                "X2",
                "a paravirtualised Xen guest: PageTranslated",
                "DESIGN two questions; Linux drivers/xen/swiotlb-xen.c",
                "Linux uses its DMA API in every Xen guest, feature or not (vring_use_dma_api)",
                SourceLine.here(),
                Ladder.ADDRESSING);
    }

    @Override
    String evidence(DeviceFacts device, PlatformFacts platform) {
        return platform.more().describe(FactName.XEN);
    }

    @Override
    Finding examine(DeviceFacts device, PlatformFacts platform) {
        return platform.more().is(FactName.XEN, "pv")
                ? new Finding.Settled(
                        evidenceOn(device, platform),
                        Addressing.acceptable(device),
                        new Outcome.Proceed(new DmaPlan.PageTranslated()))
                : new Finding.NotMatched(evidenceOn(device, platform));
    }
}
