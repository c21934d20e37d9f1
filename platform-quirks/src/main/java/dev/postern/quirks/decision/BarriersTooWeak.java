package dev.postern.quirks.decision;

import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;
import java.util.Set;

/** V8: a device that needs barriers fit for hardware is of no use to fences that reach CPUs only. */
final class BarriersTooWeak extends Rule {

    BarriersTooWeak() {
        super(
                "V8",
                "barriers for hardware are needed and our fences reach CPUs only: refuse",
                "content:960; reference row 51",
                "Linux chooses barriers by ORDER_PLATFORM alone (drivers/virtio/virtio_ring.c)",
                SourceLine.here(),
                Ladder.ADMISSION);
    }

    @Override
    String evidence(DeviceFacts device, PlatformFacts platform) {
        return platform.more().describe(FactName.BARRIERS) + "; " + platform.fences();
    }

    @Override
    Finding examine(DeviceFacts device, PlatformFacts platform) {
        FactSheet facts = platform.more();
        return facts.is(FactName.BARRIERS, "device") && platform.fences().value() == FenceReach.CPUS_ONLY
                ? new Finding.Settled(
                        evidenceOn(device, platform),
                        Set.of(),
                        new Outcome.Refuse(
                                "%s is hardware and the fences here order accesses for CPUs only: use a device in software, or another architecture"
                                        .formatted(device.name())))
                : new Finding.NotMatched(evidenceOn(device, platform));
    }
}
