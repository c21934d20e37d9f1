package dev.postern.quirks.linux;

/** Which bytes the path copies through a bounce buffer. */
enum Bounce {
    /** None. */
    NEVER,
    /** Small kmalloc() buffers that share cache lines with other data, for a device that is not coherent. */
    SHARED_CACHE_LINES,
    /** Buffers that do not fill whole IOMMU pages, for a device that is not trusted. */
    PARTS_OF_PAGES,
    /** Buffers whose guest pages are no neighbours in the machine. */
    SCATTERED_MACHINE_FRAMES,
    /** Buffers above what the bus carries. */
    BEYOND_REACH,
    /** None, and buffers above what the bus carries cannot be mapped: there is no pool. */
    FAILS_BEYOND_REACH,
    /** Every byte. */
    ALWAYS
}
