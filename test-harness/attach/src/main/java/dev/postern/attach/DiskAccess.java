package dev.postern.attach;

/** What a machine may do to the file behind a disk. */
public enum DiskAccess {
    /** The file is opened for reading, and the device says that it is read-only. */
    READ_ONLY,

    /** The file is opened for writing; a flush of the guest reaches the file. */
    READ_WRITE
}
