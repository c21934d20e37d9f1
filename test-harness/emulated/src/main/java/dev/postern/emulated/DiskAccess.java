package dev.postern.emulated;

/** What a guest may do with a disk; QEMU's {@code ro}. */
public enum DiskAccess {
    /** Read alone: the device offers RO and refuses writes. */
    READ_ONLY,
    /** Read and write. */
    READ_WRITE
}
