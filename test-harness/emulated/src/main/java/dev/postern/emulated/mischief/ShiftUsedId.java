package dev.postern.emulated.mischief;

/**
 * The used element of a request names an id near the right one: 1 more is a descriptor of the same chain, and no head, where a split
 * ring chains descriptors in their order.
 *
 * @param request its number, from 1
 * @param by how much is added
 */
public record ShiftUsedId(long request, int by) implements RingMischief {}
