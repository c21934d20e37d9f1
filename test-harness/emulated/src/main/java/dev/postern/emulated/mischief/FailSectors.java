package dev.postern.emulated.mischief;

/**
 * Reads and writes that touch a range of sectors fail with an I/O error and move no data to or from the image.
 *
 * @param first the first sector, of 512 bytes
 * @param count how many
 */
public record FailSectors(long first, long count) implements DiskMischief {}
