package dev.postern.lab.evaluate;

import dev.postern.dma.DmaPlan;
import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;
import dev.postern.quirks.decision.Decision;
import dev.postern.quirks.decision.Explanation;
import dev.postern.quirks.decision.MemoryReach;
import dev.postern.quirks.decision.Outcome;

/** What a decision says about memory that the guest does not share with a device. */
enum MemoryPromise {
    /** It is kept from the device: the guest relies on that. */
    KEPT,
    /** Something is there to keep it from the device, or the device is not trusted, and the guest knows that nothing does. */
    OPEN_THOUGH_GUARDED,
    /** Nobody says that it is kept from the device. */
    OPEN;

    /** Reads it from the facts as rows corrected them, and from the plan. */
    static MemoryPromise of(Decision decision) {
        Explanation explanation = decision.explanation();
        MemoryReach reach = explanation.platform().reach().value();
        if (!(reach instanceof MemoryReach.AllOfRam) || isolates(decision.outcome())) {
            return KEPT;
        }
        FactSheet facts = explanation.platform().more();
        boolean guarded = !facts.is(FactName.PROTECTION, "none")
                || !facts.is(FactName.IOMMU_STATE, "none")
                || !facts.is(FactName.MEMORY_REGION, "none")
                || facts.is(FactName.PORT, "external-facing");
        return guarded ? OPEN_THOUGH_GUARDED : OPEN;
    }

    /** Whether a device sees nothing but what is mapped for it. */
    private static boolean isolates(Outcome outcome) {
        return outcome instanceof Outcome.Proceed(DmaPlan plan)
                && switch (plan instanceof DmaPlan.Bounced(DmaPlan inner) ? inner : plan) {
                    case DmaPlan.Granted _, DmaPlan.Translated _ -> true;
                    case DmaPlan.Direct _, DmaPlan.PageTranslated _, DmaPlan.Bounced _ -> false;
                };
    }
}
