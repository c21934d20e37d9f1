package dev.postern.quirks.decision;

import static dev.postern.quirks.decision.ReservedFeature.VERSION_1;

import java.util.Set;

/** V1: a device without VERSION_1 speaks the legacy interface, which these drivers do not. */
final class VersionOneMissing extends Rule {

    VersionOneMissing() {
        super(
                "V1",
                "VERSION_1 is not offered: refuse",
                "content:952",
                "Linux falls back to the legacy interface of the transport",
                SourceLine.here(),
                Ladder.ADMISSION);
    }

    @Override
    Finding examine(DeviceFacts device, PlatformFacts platform) {
        String evidence = "offered " + device.offered();
        if (device.offers(VERSION_1)) {
            return new Finding.NotMatched(evidence);
        }
        return new Finding.Settled(
                evidence,
                Set.of(),
                new Outcome.Refuse("%s does not offer VERSION_1 (feature bit 32) and only modern devices are driven:"
                                .formatted(device.name())
                        + " offer it as a modern device (QEMU: disable-legacy=on, disable-modern=off)"));
    }
}
