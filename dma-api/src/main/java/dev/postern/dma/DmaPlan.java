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

    /** A few words for the log, such as {@code Direct}. */
    String describe();
}
