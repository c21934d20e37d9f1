package dev.postern.emulated.mischief;

/**
 * The device moves its used index instead of serving a request; the elements between the old and the new index are what an
 * earlier lap left there.
 *
 * @param request its number, from 1
 * @param by how many elements, 1 to 65535; 65535 is one step back
 */
public record JumpUsedIndexAt(long request, int by) implements DeviceMischief {}
