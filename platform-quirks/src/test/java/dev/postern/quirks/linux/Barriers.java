package dev.postern.quirks.linux;

/** Which barriers the ring uses. */
enum Barriers {
    /** Between CPUs: smp_mb() and its like. */
    WEAK,
    /** Fit for a device: mb(), dma_rmb() and dma_wmb(). */
    DEVICE
}
