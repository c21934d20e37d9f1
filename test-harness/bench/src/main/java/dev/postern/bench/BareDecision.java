package dev.postern.bench;

import static dev.postern.quirks.decision.ReservedFeature.ACCESS_PLATFORM;
import static dev.postern.quirks.decision.ReservedFeature.ORDER_PLATFORM;
import static dev.postern.quirks.decision.ReservedFeature.VERSION_1;

import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;
import dev.postern.quirks.decision.DeviceFacts;
import dev.postern.quirks.decision.FenceReach;
import dev.postern.quirks.decision.IommuState;
import dev.postern.quirks.decision.MemoryReach;
import dev.postern.quirks.decision.PlatformFacts;
import dev.postern.quirks.decision.Strictness;
import dev.postern.quirks.decision.Translation;

/**
 * The lower bound: the same answer from the same facts by a chain of conditions, written by hand, that explains nothing and
 * knows of the quirk rows only what the classed inputs and the presets touch.
 */
final class BareDecision {

    private BareDecision() {}

    /** Decides. A pure function. */
    static BareAnswer decide(DeviceFacts device, PlatformFacts platform) {
        FactSheet facts = device.more().known().isEmpty() ? platform.more() : device.more();
        String transport = facts.value(FactName.TRANSPORT);
        boolean legacy = transport.equals("legacy-pci") || transport.equals("legacy-mmio");
        boolean versionOne = device.offers(VERSION_1);
        boolean accessPlatform = device.offers(ACCESS_PLATFORM) && !legacy;
        boolean secret = platform.reach().value() instanceof MemoryReach.SharedPagesOnly
                || !facts.value(FactName.PROTECTION).equals("none");
        boolean restricted = platform.reach().value() instanceof MemoryReach.RestrictedPool;
        String xen = facts.value(FactName.XEN);
        boolean paravirtual = xen.equals("pv");
        boolean granted =
                paravirtual && facts.value(FactName.XEN_INITIAL_DOMAIN).equals("no");
        boolean fencesReachDevices = platform.fences().value() == FenceReach.CPUS_AND_DEVICES;
        if (!versionOne && !legacy
                || platform.strictness().value() == Strictness.REFUSE && secret && !accessPlatform
                || legacy && secret
                || granted && !accessPlatform
                || facts.value(FactName.BARRIERS).equals("device") && !fencesReachDevices) {
            return BareAnswer.left(BareOutcome.REFUSED);
        }
        BareOutcome outcome = BareOutcome.DIRECT;
        long offset = 0;
        boolean tooNarrow = false;
        IommuState iommu = platform.translation().value() instanceof Translation.BehindIommu(var _, IommuState state)
                ? state
                : IommuState.BYPASSED;
        if (granted) {
            outcome = BareOutcome.GRANTED;
        } else if (paravirtual) {
            outcome = BareOutcome.PAGE_TRANSLATED;
        } else if (accessPlatform && iommu == IommuState.NOT_UP) {
            return BareAnswer.left(BareOutcome.DEFERRED);
        } else if (accessPlatform && iommu == IommuState.NO_DRIVER) {
            return BareAnswer.left(BareOutcome.REFUSED);
        } else if (accessPlatform && iommu == IommuState.UP) {
            outcome = BareOutcome.TRANSLATED;
        } else {
            long limit = mask(device.addressBits().value());
            long ramFirst = facts.number(FactName.RAM_BASE);
            long ramLast = mask(facts.number(FactName.RAM_BITS));
            if (accessPlatform) {
                offset = facts.number(FactName.OFFSET);
            }
            long busFirst = ramFirst + offset;
            if (Long.compareUnsigned(busFirst, limit) > 0) {
                return BareAnswer.left(BareOutcome.REFUSED);
            }
            tooNarrow = Long.compareUnsigned(ramLast - ramFirst, limit - busFirst) > 0;
        }
        boolean untranslated = outcome == BareOutcome.DIRECT;
        boolean bounced = secret
                || restricted
                || tooNarrow
                || !untranslated
                        && facts.value(FactName.PORT).equals("external-facing")
                        && facts.value(FactName.BUFFERS).equals("parts-of-pages");
        boolean noSnoop = facts.value(FactName.NO_SNOOP).equals("issued")
                && (untranslated || facts.value(FactName.NO_SNOOP_THROUGH_IOMMU).equals("passes"))
                && facts.value(FactName.NO_SNOOP_HONOURED).equals("yes");
        boolean notSnooped = accessPlatform && facts.value(FactName.SNOOPED).equals("no");
        long accept = (versionOne ? VERSION_1.mask() : 0)
                | (accessPlatform ? ACCESS_PLATFORM.mask() : 0)
                | (fencesReachDevices && device.offers(ORDER_PLATFORM) ? ORDER_PLATFORM.mask() : 0);
        return new BareAnswer(outcome, bounced, offset, accept, !noSnoop && !notSnooped);
    }

    private static long mask(long bits) {
        return bits == 64 ? -1L : (1L << bits) - 1;
    }
}
