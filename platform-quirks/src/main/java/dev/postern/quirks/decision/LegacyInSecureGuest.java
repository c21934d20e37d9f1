package dev.postern.quirks.decision;

import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;
import java.util.Set;

/** V4: the legacy interface and a secure guest do not go together: no ACCESS_PLATFORM can be offered and queues are named by page number. */
final class LegacyInSecureGuest extends Rule {

    LegacyInSecureGuest() {
        super(
                "V4",
                "a legacy interface in a secure guest: refuse",
                "reference row 38; QEMU hw/core/machine.c",
                "Linux refuses where it checks (virtio_features_ok in drivers/virtio/virtio.c); EDK2 maps identically"
                        + " and breaks (VirtioPciDeviceDxe)",
                SourceLine.here(),
                Ladder.ADMISSION);
    }

    @Override
    String evidence(DeviceFacts device, PlatformFacts platform) {
        return platform.more().describe(FactName.TRANSPORT) + "; " + platform.reach();
    }

    @Override
    Finding examine(DeviceFacts device, PlatformFacts platform) {
        FactSheet facts = platform.more();
        return VersionOneMissing.legacy(facts) && platform.reach().value() instanceof MemoryReach.SharedPagesOnly
                ? new Finding.Settled(
                        evidenceOn(device, platform),
                        Set.of(),
                        new Outcome.Refuse(
                                "%s is on a legacy interface in a secure guest: make it modern (QEMU: disable-legacy=on,iommu_platform=on)"
                                        .formatted(device.name())))
                : new Finding.NotMatched(evidenceOn(device, platform));
    }
}
