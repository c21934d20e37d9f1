package dev.postern.emulated.mischief;

/**
 * A request is published twice, in two used elements one behind the other. The queue then rests until it is reset.
 *
 * @param request its number, from 1
 */
public record RepeatUsed(long request) implements RingMischief {}
