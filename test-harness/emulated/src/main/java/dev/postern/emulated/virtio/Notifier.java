package dev.postern.emulated.virtio;

/** How a device tells its driver; the transport decides whether by message or by pin. */
interface Notifier {

    /** Buffers of a queue were used. The vector is the queue's, or {@link VirtioDevice#NO_VECTOR}. */
    void bufferUsed(int vector);

    /** The configuration changed, or the device needs a reset. */
    void configChanged(int vector);

    /** Number of vectors that a driver may name. */
    int vectors();

    /** The device was reset: nothing is pending any more. */
    void reset();
}
