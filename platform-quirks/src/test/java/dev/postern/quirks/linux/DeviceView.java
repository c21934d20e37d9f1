package dev.postern.quirks.linux;

/** What the device gets to see at the addresses that it is handed. */
enum DeviceView {
    /** The buffer. */
    BUFFER,
    /** A copy of the buffer in memory that is shared with the host. */
    SHARED_COPY,
    /** Private memory of a protected guest: ciphertext or a fault, and the driver waits for ever. */
    PRIVATE_MEMORY,
    /** Nothing: an IOMMU that no driver has set up blocks the access. */
    BLOCKED
}
