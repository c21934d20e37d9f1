package dev.postern.memory;

/**
 * Where whole pages come from that a device, or the interrupt hardware, reaches by itself: any frames on an ordinary platform, shared
 * ones on a secure platform. Safe for use by several threads.
 */
public interface DevicePages {

    /**
     * Hands out a zeroed run of pages.
     *
     * @param bytes at least 1; rounded up to whole pages
     * @param request alignment, limit and preference
     * @throws OutOfFramesException if there is none that devices can reach
     */
    PhysRange allocate(long bytes, FrameRequest request);

    /**
     * Takes a run back; nothing may use it any more.
     *
     * @param run exactly what {@link #allocate} returned
     */
    void free(PhysRange run);

    /** The address by which a device reaches a byte of such a page. */
    long deviceAddress(long pa);

    /** The memory that the pages are part of. */
    PhysicalMemory memory();
}
