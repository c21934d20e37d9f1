package dev.postern.emulated.mischief;

/**
 * The device moves its used index instead of serving a request; the elements between the old and the new index are what an
 * earlier lap left there. In a packed ring the flags of as many descriptors, at most all, are turned to used, and the rest of each stays
 * as it was. The queue then rests until it is reset.
 *
 * @param request its number, from 1
 * @param by how many elements, 1 to 65535; 65535 is one step back
 */
public record JumpUsedIndexAt(long request, int by) implements DeviceMischief {}
