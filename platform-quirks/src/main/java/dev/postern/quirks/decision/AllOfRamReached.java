package dev.postern.quirks.decision;

/** B9: nothing keeps the device from any part of RAM. */
final class AllOfRamReached extends Rule {

    AllOfRamReached() {
        super(
                "B9",
                "otherwise the device reaches all of RAM: nothing is bounced",
                "content:957",
                "Linux does the same (kernel/dma/direct.h, dma_direct_map_phys)",
                SourceLine.here(),
                Ladder.REACH);
    }

    @Override
    String evidence(DeviceFacts device, PlatformFacts platform) {
        return platform.reach().toString();
    }

    @Override
    Finding examine(DeviceFacts device, PlatformFacts platform) {
        return new Finding.Reached(evidenceOn(device, platform), Finding.Wrapping.NONE);
    }
}
