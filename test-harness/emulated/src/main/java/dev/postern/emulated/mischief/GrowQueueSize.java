package dev.postern.emulated.mischief;

/**
 * Once a queue was enabled and reset, alone or with the device, it says that it can be larger than before.
 *
 * @param size the new largest size, 1 to 32768, a power of two unless RING_PACKED is negotiated
 */
public record GrowQueueSize(int size) implements DeviceMischief {}
