package dev.postern.quirks.decision;

import static dev.postern.quirks.decision.ReservedFeature.VERSION_1;

import java.util.Set;

/** V2: VERSION_1 must be accepted when it is offered. */
final class VersionOneOffered extends Rule {

    VersionOneOffered() {
        super(
                "V2",
                "VERSION_1 is offered: accept it",
                "content:951",
                "Linux accepts it too",
                SourceLine.here(),
                Ladder.ADMISSION);
    }

    @Override
    String evidence(DeviceFacts device, PlatformFacts platform) {
        return "offered " + device.offered();
    }

    @Override
    Finding examine(DeviceFacts device, PlatformFacts platform) {
        return device.offers(VERSION_1)
                ? new Finding.Accepted(evidenceOn(device, platform), Set.of(VERSION_1))
                : new Finding.NotMatched(evidenceOn(device, platform));
    }
}
