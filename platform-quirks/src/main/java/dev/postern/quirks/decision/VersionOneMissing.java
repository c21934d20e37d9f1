package dev.postern.quirks.decision;

import static dev.postern.quirks.decision.ReservedFeature.VERSION_1;

import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;
import java.util.Set;

/** V1: a device without VERSION_1 on a modern interface speaks a language that these drivers do not. */
final class VersionOneMissing extends Rule {

    VersionOneMissing() {
        super(
                "V1",
                "VERSION_1 is not offered on a modern interface: refuse",
                "content:952",
                "Linux falls back to the legacy interface of the transport",
                SourceLine.here(),
                Ladder.ADMISSION);
    }

    @Override
    String evidence(DeviceFacts device, PlatformFacts platform) {
        return "offered " + device.offered() + "; " + platform.more().describe(FactName.TRANSPORT);
    }

    @Override
    Finding examine(DeviceFacts device, PlatformFacts platform) {
        if (device.offers(VERSION_1) || legacy(platform.more())) {
            return new Finding.NotMatched(evidenceOn(device, platform));
        }
        return new Finding.Settled(
                evidenceOn(device, platform),
                Set.of(),
                new Outcome.Refuse("%s does not offer VERSION_1 (feature bit 32) and only modern devices are driven:"
                                .formatted(device.name())
                        + " offer it as a modern device (QEMU: disable-legacy=on, disable-modern=off)"));
    }

    /** Whether the device is driven through a legacy interface, which has no feature bits above 31. */
    static boolean legacy(FactSheet facts) {
        return facts.is(FactName.TRANSPORT, "legacy-pci") || facts.is(FactName.TRANSPORT, "legacy-mmio");
    }
}
