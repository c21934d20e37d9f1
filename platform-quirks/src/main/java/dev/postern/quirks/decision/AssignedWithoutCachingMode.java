package dev.postern.quirks.decision;

import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;
import java.util.Set;

/** V7: an emulated VT-d without caching mode never hears of new mappings, so what it shadows for an assigned device goes stale. */
final class AssignedWithoutCachingMode extends Rule {

    AssignedWithoutCachingMode() {
        super(
                "V7",
                "an assigned device behind a VT-d without caching mode: refuse",
                "reference row 42; QEMU hw/i386/intel_iommu.c",
                "Linux does not look; QEMU refuses to start so (caching-mode=on is asked for)",
                SourceLine.here(),
                Ladder.ADMISSION);
    }

    @Override
    String evidence(DeviceFacts device, PlatformFacts platform) {
        return platform.more().describe(FactName.BACKEND) + "; "
                + platform.more().describe(FactName.IOMMU_KIND) + "; "
                + platform.more().describe(FactName.CACHING_MODE);
    }

    @Override
    Finding examine(DeviceFacts device, PlatformFacts platform) {
        FactSheet facts = platform.more();
        return facts.is(FactName.BACKEND, "assigned")
                        && facts.is(FactName.IOMMU_KIND, "intel")
                        && facts.is(FactName.CACHING_MODE, "off")
                ? new Finding.Settled(
                        evidenceOn(device, platform),
                        Set.of(),
                        new Outcome.Refuse(
                                "%s is an assigned device behind a VT-d without caching mode: start it with caching mode (QEMU: intel-iommu,caching-mode=on)"
                                        .formatted(device.name())))
                : new Finding.NotMatched(evidenceOn(device, platform));
    }
}
