package dev.postern.emulated.mischief;

/**
 * The disk changes its capacity before it serves a request, with a configuration change notification.
 *
 * @param request its number, from 1
 * @param bytes the new capacity, a multiple of 512; what lies behind the end of the image reads as an error
 */
public record ChangeCapacityAt(long request, long bytes) implements DiskMischief {}
