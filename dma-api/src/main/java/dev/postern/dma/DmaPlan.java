package dev.postern.dma;

import java.util.Objects;

/** How a device's memory accesses are arranged: the outcome of the decision, and what a context is opened with. */
public sealed interface DmaPlan {

    /**
     * The device consumes guest-physical addresses plus a constant.
     *
     * @param offset added to every guest-physical address, modulo 2^64; 0 on most platforms
     */
    record Direct(long offset) implements DmaPlan {

        @Override
        public String describe() {
            return offset == 0 ? "Direct" : "Direct + 0x%x".formatted(offset);
        }
    }

    /**
     * The device reaches a pool of substitute memory only, and every mapping is copied there or back.
     *
     * @param inner how the pool's addresses reach the device
     */
    record Bounced(Direct inner) implements DmaPlan {

        /** The inner plan is needed. */
        public Bounced {
            Objects.requireNonNull(inner);
        }

        @Override
        public String describe() {
            return "Bounced over " + inner.describe();
        }
    }

    /** A few words for the log, such as {@code Direct}. */
    String describe();
}
