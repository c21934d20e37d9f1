package dev.postern.quirks.decision;

import static dev.postern.quirks.decision.ReservedFeature.ACCESS_PLATFORM;

import java.util.Set;

/** V3: with --strict, a secure guest drives no device that does not offer ACCESS_PLATFORM. */
final class StrictlyRefused extends Rule {

    StrictlyRefused() {
        super(
                "V3",
                "strict, a secure guest, and ACCESS_PLATFORM is not offered: refuse",
                "content:957, DESIGN two questions",
                "Linux refuses on SEV, TDX and s390 (virtio_features_ok in drivers/virtio/virtio.c)",
                SourceLine.here(),
                Ladder.ADMISSION);
    }

    @Override
    String evidence(DeviceFacts device, PlatformFacts platform) {
        return platform.strictness() + "; " + platform.reach() + "; offered " + device.offered();
    }

    @Override
    Finding examine(DeviceFacts device, PlatformFacts platform) {
        boolean refused = platform.strictness().value() == Strictness.REFUSE
                && platform.reach().value() instanceof MemoryReach.SharedPagesOnly
                && !device.offers(ACCESS_PLATFORM);
        return refused
                ? new Finding.Settled(
                        evidenceOn(device, platform),
                        Set.of(),
                        new Outcome.Refuse(
                                "%s does not offer ACCESS_PLATFORM in a secure guest: add features=+access_platform, or leave --strict out"
                                        .formatted(device.name())))
                : new Finding.NotMatched(evidenceOn(device, platform));
    }

    @Override
    String peers(DeviceFacts device, PlatformFacts platform) {
        return platform.reach().value() instanceof MemoryReach.SharedPagesOnly shared
                ? shared.withoutAccessPlatform().words()
                : peers();
    }
}
