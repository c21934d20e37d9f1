package dev.postern.emulated.mischief;

/**
 * The used element of a request claims another length. What was written to memory does not change, nor does the WRITE flag that a
 * packed ring has for a request that wrote.
 *
 * @param request its number, from 1
 * @param length what is written in place of the length, all 32 bits
 */
public record TamperUsedLength(long request, int length) implements RingMischief {}
