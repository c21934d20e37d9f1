package dev.postern.emulated;

/**
 * One sighting of a byte string in what a device read.
 *
 * @param requesterId bus, device and function that the read carried, 16 bits
 * @param lastByteDva the address on the bus of the string's last byte
 */
public record ReadSighting(int requesterId, long lastByteDva) {}
