package dev.postern.memory;

/** Which end of memory an allocation takes when both would do. */
public enum Placement {
    /** The lowest address that fits. */
    LOW,
    /** The highest address that fits, so that low memory stays for devices that reach no other. */
    HIGH
}
