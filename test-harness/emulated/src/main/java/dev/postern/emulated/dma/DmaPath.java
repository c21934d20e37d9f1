package dev.postern.emulated.dma;

/**
 * Which way a device's accesses take to memory. A virtio device settles it with its features; a platform where both lead to the same
 * bytes does not look at it.
 */
public enum DmaPath {

    /**
     * As the CPU: the addresses that its page tables hold, not translated further, all of them, through its caches. That is a device
     * which did not accept ACCESS_PLATFORM: it is past an IOMMU, whatever firmware says of one (content.tex, the description of bit 33;
     * content:957).
     */
    LIKE_CPU,

    /** As the platform says: behind the IOMMU or whatever else translates, limits, or does not snoop. ACCESS_PLATFORM was accepted. */
    BY_PLATFORM
}
