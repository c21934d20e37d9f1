package dev.postern.quirks.decision;

import dev.postern.quirks.FactName;

/** B4: an IOMMU shares whole pages, and whoever plugs a device into an outside port must not see the rest of one. */
final class WholePagesOnlyBounce extends Rule {

    WholePagesOnlyBounce() {
        super(
                "B4",
                "an untrusted device behind an IOMMU, and buffers that are parts of pages: Bounced",
                "DESIGN two questions; Linux drivers/iommu/dma-iommu.c",
                "Linux bounces such buffers and zeroes the padding (dev_use_swiotlb)",
                SourceLine.here(),
                Ladder.REACH);
    }

    @Override
    String evidence(DeviceFacts device, PlatformFacts platform) {
        return platform.more().describe(FactName.PORT) + "; " + platform.more().describe(FactName.BUFFERS) + "; "
                + platform.translation();
    }

    @Override
    Finding examine(DeviceFacts device, PlatformFacts platform) {
        return platform.more().is(FactName.PORT, "external-facing")
                        && platform.more().is(FactName.BUFFERS, "parts-of-pages")
                        && !Addressing.untranslated(device, platform)
                ? new Finding.Reached(evidenceOn(device, platform), Finding.Wrapping.BOUNCED)
                : new Finding.NotMatched(evidenceOn(device, platform));
    }
}
