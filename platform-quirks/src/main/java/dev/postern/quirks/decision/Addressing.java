package dev.postern.quirks.decision;

import static dev.postern.quirks.decision.ReservedFeature.ACCESS_PLATFORM;

import dev.postern.quirks.FactName;
import java.util.Set;

/** What several rules ask about the addresses of a device. */
final class Addressing {

    private Addressing() {}

    /** ACCESS_PLATFORM when it is offered. */
    static Set<ReservedFeature> acceptable(DeviceFacts device) {
        return device.offers(ACCESS_PLATFORM) ? Set.of(ACCESS_PLATFORM) : Set.of();
    }

    /** Whether the device consumes guest-physical addresses, at an offset perhaps. */
    static boolean untranslated(DeviceFacts device, PlatformFacts platform) {
        boolean behindIommu = device.offers(ACCESS_PLATFORM)
                && platform.translation().value() instanceof Translation.BehindIommu(var _, IommuState state)
                && state != IommuState.BYPASSED;
        return !behindIommu
                && platform.more().is(FactName.GRANTS, "none")
                && !platform.more().is(FactName.XEN, "pv");
    }
}
