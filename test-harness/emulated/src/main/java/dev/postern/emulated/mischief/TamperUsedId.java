package dev.postern.emulated.mischief;

/**
 * The used element of a request names another descriptor.
 *
 * @param request its number, from 1
 * @param id what is written in place of the head or buffer id: all 32 bits in a split ring, the low 16 in a packed one
 */
public record TamperUsedId(long request, int id) implements RingMischief {}
