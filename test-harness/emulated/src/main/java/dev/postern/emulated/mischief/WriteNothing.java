package dev.postern.emulated.mischief;

/**
 * A request is answered with success and the length of a full answer, and neither carried out nor any of its data written.
 *
 * @param request its number, from 1
 */
public record WriteNothing(long request) implements DiskMischief {}
