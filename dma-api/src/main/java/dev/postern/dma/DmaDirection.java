package dev.postern.dma;

/** Who writes a mapped buffer, seen from the driver. */
public enum DmaDirection {
    /** The device only reads. */
    TO_DEVICE,
    /** The device only writes. */
    FROM_DEVICE,
    /** The device may do both. */
    BIDIRECTIONAL;

    /** Whether the device may read the buffer. */
    public boolean deviceReads() {
        return this != FROM_DEVICE;
    }

    /** Whether the device may write the buffer. */
    public boolean deviceWrites() {
        return this != TO_DEVICE;
    }
}
