package dev.postern.lab;

/** Whether a guest may write to a disk. */
public enum DiskAccess {
    /** It may not; the device says so. */
    READ_ONLY,
    /** It may. */
    READ_WRITE
}
