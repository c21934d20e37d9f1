package dev.postern.quirks.decision;

import dev.postern.quirks.FactName;

/** C9: nothing keeps the device out of the caches. */
final class CachesSeeTheDevice extends Rule {

    CachesSeeTheDevice() {
        super(
                "C9",
                "otherwise the device is coherent: syncs cost nothing",
                "content:957",
                "Linux does the same; an emulated device is always coherent",
                SourceLine.here(),
                Ladder.COHERENCY);
    }

    @Override
    String evidence(DeviceFacts device, PlatformFacts platform) {
        return platform.more().describe(FactName.SNOOPED);
    }

    @Override
    Finding examine(DeviceFacts device, PlatformFacts platform) {
        return new Finding.Synced(evidenceOn(device, platform), Coherency.COHERENT);
    }
}
