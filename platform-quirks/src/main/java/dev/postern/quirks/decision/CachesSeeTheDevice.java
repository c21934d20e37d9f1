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
    Finding examine(DeviceFacts device, PlatformFacts platform) {
        return new Finding.Synced(platform.more().describe(FactName.SNOOPED), Coherency.COHERENT);
    }
}
