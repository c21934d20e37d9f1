package dev.postern.emulated.mischief;

/**
 * The used element of a request names the buffer that was published before it, which is out no more.
 *
 * @param request its number, from 1
 */
public record ReuseUsedId(long request) implements RingMischief {}
