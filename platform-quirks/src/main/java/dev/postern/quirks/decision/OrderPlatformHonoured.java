package dev.postern.quirks.decision;

import static dev.postern.quirks.decision.ReservedFeature.ORDER_PLATFORM;

import java.util.Set;

/** O1: whoever accepts ORDER_PLATFORM must use barriers fit for hardware, so it is accepted where ours are. */
final class OrderPlatformHonoured extends Rule {

    OrderPlatformHonoured() {
        super(
                "O1",
                "ORDER_PLATFORM is offered and our fences reach devices: accept it",
                "content:962, content:963",
                "Linux accepts it everywhere and then uses barriers for devices instead of those between CPUs"
                        + " (drivers/virtio/virtio_ring.c)",
                SourceLine.here(),
                Ladder.FEATURES);
    }

    @Override
    String evidence(DeviceFacts device, PlatformFacts platform) {
        return "offered " + device.offered() + "; " + platform.fences();
    }

    @Override
    Finding examine(DeviceFacts device, PlatformFacts platform) {
        return device.offers(ORDER_PLATFORM) && platform.fences().value() == FenceReach.CPUS_AND_DEVICES
                ? new Finding.Accepted(evidenceOn(device, platform), Set.of(ORDER_PLATFORM))
                : new Finding.NotMatched(evidenceOn(device, platform));
    }
}
