package dev.postern.quirks.decision;

import dev.postern.dma.DmaPlan;
import java.util.Objects;

/** What the decision comes to. */
public sealed interface Outcome {

    /**
     * The device is driven.
     *
     * @param plan what its context is opened with
     */
    record Proceed(DmaPlan plan) implements Outcome {

        /** The plan is needed. */
        public Proceed {
            Objects.requireNonNull(plan);
        }

        @Override
        public String describe() {
            return plan.describe();
        }
    }

    /**
     * The device is left alone.
     *
     * @param reason one line that says what is wrong and what to change
     */
    record Refuse(String reason) implements Outcome {

        /** The reason is needed. */
        public Refuse {
            Objects.requireNonNull(reason);
        }

        @Override
        public String describe() {
            return "refused";
        }
    }

    /** A word or two for the log: the plan, or that the device is refused. */
    String describe();
}
