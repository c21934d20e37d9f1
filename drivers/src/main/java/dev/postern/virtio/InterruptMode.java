package dev.postern.virtio;

/** How a driver learns that its device has used buffers. */
public enum InterruptMode {
    /** It looks. */
    POLLED,
    /** The device writes a message. */
    MSIX,
    /** The device holds an interrupt line. */
    INTX
}
