package dev.postern.topology;

/**
 * Guest-physical addresses as a bus shows them to a device: one entry of {@code dma-ranges}. Numbers are unsigned.
 *
 * @param pa the first guest-physical address
 * @param size in bytes, not 0
 * @param busAddress the device's address for the first byte
 */
public record DmaRange(long pa, long size, long busAddress) {}
