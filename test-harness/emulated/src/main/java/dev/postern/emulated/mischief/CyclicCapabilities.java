package dev.postern.emulated.mischief;

/**
 * The last entry of the capability list points to the first.
 */
public record CyclicCapabilities() implements DeviceMischief {}
