package dev.postern.quirks.decision;

import java.util.Set;

/** What came of trying one rule. */
public sealed interface Finding {

    /**
     * The rule's condition does not hold.
     *
     * @param evidence the facts it read, with their provenance
     */
    record NotMatched(Evidence evidence) implements Finding {}

    /**
     * The condition holds; the rule accepts features and leaves the outcome to others.
     *
     * @param evidence the facts it read, with their provenance
     * @param accept features to accept
     */
    record Accepted(Evidence evidence, Set<ReservedFeature> accept) implements Finding {

        /** Takes an immutable copy of the set. */
        public Accepted {
            accept = ReservedFeature.copyOf(accept);
        }
    }

    /**
     * The condition holds and the outcome is settled.
     *
     * @param evidence the facts it read, with their provenance
     * @param accept features to accept
     * @param outcome what the decision comes to
     */
    record Settled(Evidence evidence, Set<ReservedFeature> accept, Outcome outcome) implements Finding {

        /** Takes an immutable copy of the set. */
        public Settled {
            accept = ReservedFeature.copyOf(accept);
        }
    }

    /**
     * The condition holds, and it is settled which memory the device reaches.
     *
     * @param evidence the facts it read, with their provenance
     * @param wrapping what that does to the plan
     */
    record Reached(Evidence evidence, Wrapping wrapping) implements Finding {}

    /**
     * The condition holds, and it is settled whether caches see the device.
     *
     * @param evidence the facts it read, with their provenance
     * @param coherency whether they do
     */
    record Synced(Evidence evidence, Coherency coherency) implements Finding {}

    /** What the reach of a device does to its plan. */
    enum Wrapping {
        /** Nothing. */
        NONE,
        /** Every mapping goes through substitute memory. */
        BOUNCED
    }

    /**
     * The rule was not tried.
     *
     * @param settledBy the id of the rule that had settled the matter before
     */
    record NotReached(String settledBy) implements Finding {}
}
