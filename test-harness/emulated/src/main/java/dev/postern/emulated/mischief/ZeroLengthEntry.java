package dev.postern.emulated.mischief;

/**
 * An entry of the MADT says that it has no length, so that a walk over the entries stands still. The checksum is right.
 */
public record ZeroLengthEntry() implements FirmwareMischief {}
