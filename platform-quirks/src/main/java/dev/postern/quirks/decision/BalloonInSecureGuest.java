package dev.postern.quirks.decision;

import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;
import java.util.Set;

/** V5: a balloon names guest-physical pages, which a secure guest cannot hand over unshared. */
final class BalloonInSecureGuest extends Rule {

    BalloonInSecureGuest() {
        super(
                "V5",
                "a balloon in a secure guest: refuse",
                "reference row 55; Linux drivers/virtio/virtio_balloon.c",
                "Linux clears ACCESS_PLATFORM for balloons and so refuses them where it checks",
                SourceLine.here(),
                Ladder.ADMISSION);
    }

    @Override
    String evidence(DeviceFacts device, PlatformFacts platform) {
        return platform.more().describe(FactName.DEVICE_TYPE) + "; " + platform.reach();
    }

    @Override
    Finding examine(DeviceFacts device, PlatformFacts platform) {
        FactSheet facts = platform.more();
        return facts.number(FactName.DEVICE_TYPE) == 5
                        && platform.reach().value() instanceof MemoryReach.SharedPagesOnly
                ? new Finding.Settled(
                        evidenceOn(device, platform),
                        Set.of(),
                        new Outcome.Refuse(
                                "%s is a balloon in a secure guest, whose pages it would give away: leave the device out"
                                        .formatted(device.name())))
                : new Finding.NotMatched(evidenceOn(device, platform));
    }
}
