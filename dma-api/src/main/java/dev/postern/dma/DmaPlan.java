package dev.postern.dma;

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
     * The device reaches certain memory only, and every buffer is copied through a pool of it. The addresses that it consumes are
     * those of the pool, as the inner plan has them.
     *
     * @param inner how memory that the device reaches is addressed
     */
    record Bounced(DmaPlan inner) implements DmaPlan {

        /** Refuses to bounce what is bounced already. */
        public Bounced {
            if (inner instanceof Bounced) {
                throw new IllegalArgumentException("a plan bounces once: give the plan without its pool");
            }
        }

        @Override
        public String describe() {
            return "Bounced over " + inner.describe();
        }
    }

    /** A few words for the log, such as {@code Direct}. */
    String describe();
}
