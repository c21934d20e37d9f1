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

    /**
     * The device is left alone until its IOMMU is up; then the decision is made again.
     *
     * @param iommu the IOMMU that it waits for
     */
    record Defer(String iommu) implements Outcome {

        /** The IOMMU is needed. */
        public Defer {
            Objects.requireNonNull(iommu);
        }

        @Override
        public String describe() {
            return "deferred until " + iommu + " is up";
        }
    }

    /** A word or two for the log: the plan, or that the device waits or is refused. */
    String describe();
}
