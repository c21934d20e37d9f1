package dev.postern.boot;

import dev.postern.dma.DmaPlan;

/**
 * A plan that the user sets in place of the decision's, to see what happens. On a secure platform all but the first are wrong on
 * purpose.
 */
public enum ForcedPlan {
    /** Every mapping goes through a pool, even where devices reach all of RAM. */
    BOUNCED("bounced"),
    /** Guest-physical addresses of private memory, rings and buffers alike. */
    DIRECT("direct"),
    /** Rings where the device reaches them, buffers in private memory. */
    DIRECT_DATA("direct-data");

    private final String word;

    ForcedPlan(String word) {
        this.word = word;
    }

    /** The word for it on the command line. */
    public String word() {
        return word;
    }

    /** The plan in place of the one that was decided. */
    DmaPlan inPlaceOf(DmaPlan decided) {
        DmaPlan addressing = decided instanceof DmaPlan.Bounced(DmaPlan inner) ? inner : decided;
        return this == BOUNCED ? new DmaPlan.Bounced(addressing) : addressing;
    }
}
