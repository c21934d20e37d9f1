package dev.postern.emulated.mischief;

/**
 * The capacity changes between the driver's reads of its two halves, once: after the next read of the low half. A
 * driver that does not compare the generation sees one half of each value.
 *
 * @param bytes the new capacity, a multiple of 512
 */
public record TearCapacity(long bytes) implements DiskMischief {}
