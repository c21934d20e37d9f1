package dev.postern.quirks.decision;

/** B3: the device can express the addresses of a part of RAM only. */
final class BelowLimitBounce extends Rule {

    BelowLimitBounce() {
        super(
                "B3",
                "the device addresses a part of RAM only and nothing translates: Bounced",
                "DESIGN two questions; Linux kernel/dma/direct.h",
                "Linux bounces with ACCESS_PLATFORM (dma_capable in dma_direct_map_phys); without it addresses are cut"
                        + " off with a warning",
                SourceLine.here(),
                Ladder.REACH);
    }

    @Override
    String evidence(DeviceFacts device, PlatformFacts platform) {
        return DmaWindow.evidence(device, platform.more());
    }

    @Override
    Finding examine(DeviceFacts device, PlatformFacts platform) {
        return Addressing.untranslated(device, platform)
                        && DmaWindow.of(device, platform.more()).fit() == DmaWindow.Fit.TOO_NARROW
                ? new Finding.Reached(evidenceOn(device, platform), Finding.Wrapping.BOUNCED)
                : new Finding.NotMatched(evidenceOn(device, platform));
    }
}
