package dev.postern.emulated.mischief;

/**
 * The used element of a request names another descriptor.
 *
 * @param request its number, from 1
 * @param id what is written in place of the head, all 32 bits
 */
public record TamperUsedId(long request, int id) implements DeviceMischief {}
