package dev.postern.quirks.linux;

/** What the address of a buffer looks like to the device. */
enum AddressForm {
    /** The physical address as it is. */
    PHYSICAL,
    /** The physical address with one number added to it. */
    OFFSET,
    /** By the table of ranges of the device tree or of an ACPI _DMA method. */
    RANGES,
    /** By a system on chip's own arithmetic, which is not one offset. */
    PIECEWISE,
    /** With the bit set that tells the memory controller to decrypt. */
    ENCRYPTION_BIT,
    /** With the top bit set that selects the unprotected half of a realm's address space. */
    SHARED_BIT,
    /** From the address space of an IOMMU. */
    IOVA,
    /** A Xen grant reference in place of the frame number, and the highest bit set. */
    GRANT,
    /** A machine frame in place of the guest's frame. */
    MACHINE
}
