package dev.postern.quirks.decision;

import dev.postern.dma.BounceRules;
import dev.postern.dma.DmaConstraints;
import dev.postern.dma.PaWindow;
import dev.postern.dma.UnwrittenBytes;
import dev.postern.dma.UsedLengthTrust;
import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;

/** Facts that no rule decides on, and that a context is opened with all the same: limits, and what a report is worth. */
final class EffectiveFacts {

    private EffectiveFacts() {}

    /** What the device can express, with the limits of its bus where the platform counts (content:957). */
    static DmaConstraints limits(DeviceFacts device, FactSheet facts) {
        DmaWindow window = DmaWindow.of(device, facts);
        boolean untranslated = facts.is(FactName.GRANTS, "none")
                && (facts.is(FactName.IOMMU_STATE, "none")
                        || facts.is(FactName.IOMMU_STATE, "bypassed")
                        || !device.offers(ReservedFeature.ACCESS_PLATFORM));
        int bits = device.addressBits().value();
        if (device.offers(ReservedFeature.ACCESS_PLATFORM)) {
            bits = (int) Math.min(bits, facts.number(FactName.BUS_BITS));
        }
        long longest = facts.number(FactName.MAX_MAPPING);
        return new DmaConstraints(
                bits,
                longest == 0 ? Long.MAX_VALUE : longest,
                0,
                0,
                (int) facts.number(FactName.RING_BITS),
                untranslated ? window.reach() : PaWindow.ALL);
    }

    /** What the device's reports are worth; it never sees what a buffer held before. */
    static BounceRules rules(FactSheet facts) {
        UsedLengthTrust trust = switch (facts.value(FactName.USED_LENGTH)) {
            case "trusted" -> UsedLengthTrust.TRUSTED;
            case "ignore" -> UsedLengthTrust.IGNORE;
            default -> UsedLengthTrust.CLAMP;
        };
        return new BounceRules(trust, UnwrittenBytes.ZEROED);
    }
}
