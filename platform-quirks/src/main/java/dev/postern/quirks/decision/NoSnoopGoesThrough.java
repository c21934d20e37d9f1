package dev.postern.quirks.decision;

import dev.postern.quirks.FactName;

/** C2: the device asks not to be snooped, the IOMMU passes that on, and the platform does as it is asked. */
final class NoSnoopGoesThrough extends Rule {

    NoSnoopGoesThrough() {
        super(
                "C2",
                "the device issues no-snoop, it goes through, and the platform honours it: syncs are real",
                "DESIGN coherency",
                "Linux has an IOMMU enforce snooping where it can (IOMMU_CAP_ENFORCE_CACHE_COHERENCY)",
                SourceLine.here(),
                Ladder.COHERENCY);
    }

    @Override
    String evidence(DeviceFacts device, PlatformFacts platform) {
        return platform.more().describe(FactName.NO_SNOOP) + "; "
                + platform.more().describe(FactName.NO_SNOOP_THROUGH_IOMMU) + "; "
                + platform.more().describe(FactName.NO_SNOOP_HONOURED);
    }

    @Override
    Finding examine(DeviceFacts device, PlatformFacts platform) {
        boolean through = Addressing.untranslated(device, platform)
                || platform.more().is(FactName.NO_SNOOP_THROUGH_IOMMU, "passes");
        return platform.more().is(FactName.NO_SNOOP, "issued")
                        && through
                        && platform.more().is(FactName.NO_SNOOP_HONOURED, "yes")
                ? new Finding.Synced(evidenceOn(device, platform), Coherency.NON_COHERENT)
                : new Finding.NotMatched(evidenceOn(device, platform));
    }
}
