package dev.postern.emulated.mischief;

/**
 * The used descriptor of a request is marked for the lap after this one, so that it looks as though it were not used. Packed rings
 * alone: it changes nothing in a split one.
 *
 * @param request its number, from 1
 */
public record WrongWrapCounter(long request) implements RingMischief {}
