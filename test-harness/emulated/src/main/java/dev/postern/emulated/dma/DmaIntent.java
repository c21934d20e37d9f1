package dev.postern.emulated.dma;

/** What a device wants of memory. */
public enum DmaIntent {
    /** Fetch from memory. */
    READ,
    /** Store to memory. */
    WRITE,
    /**
     * Store a message-signalled interrupt. The page it goes to stands for the doorbell of an interrupt controller, so a platform may
     * let it through where data would not pass.
     */
    MESSAGE
}
