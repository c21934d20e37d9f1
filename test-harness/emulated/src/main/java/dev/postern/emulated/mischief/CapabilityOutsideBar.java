package dev.postern.emulated.mischief;

/**
 * The capability of the common configuration structure points behind the end of its BAR.
 */
public record CapabilityOutsideBar() implements DeviceMischief {}
