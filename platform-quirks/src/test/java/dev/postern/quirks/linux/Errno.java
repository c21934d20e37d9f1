package dev.postern.quirks.linux;

/** The error with which Linux's probe of a device ends. */
enum Errno {
    /** The device is not one to be driven. */
    ENODEV,
    /** The device contradicts itself. */
    EINVAL,
    /** No memory that the device reaches: how a mapping that cannot be made appears to a driver. */
    ENOMEM
}
