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
    Finding examine(DeviceFacts device, PlatformFacts platform) {
        String evidence = "%s; %s; offered %s".formatted(platform.strictness(), platform.reach(), device.offered());
        boolean refused = platform.strictness().value() == Strictness.REFUSE
                && platform.reach().value() instanceof MemoryReach.SharedPagesOnly
                && !device.offers(ACCESS_PLATFORM);
        return refused
                ? new Finding.Settled(
                        evidence,
                        Set.of(),
                        new Outcome.Refuse(
                                "%s does not offer ACCESS_PLATFORM in a secure guest: add features=+access_platform, or leave --strict out"
                                        .formatted(device.name())))
                : new Finding.NotMatched(evidence);
    }

    @Override
    String peers(DeviceFacts device, PlatformFacts platform) {
        return platform.reach().value() instanceof MemoryReach.SharedPagesOnly shared
                ? shared.withoutAccessPlatform().words()
                : peers();
    }
}
