package dev.postern.emulated.mischief;

/**
 * The used element of a request names an id in range under which the device has never been given a buffer: the highest one. Where it
 * had all, the queue size.
 *
 * @param request its number, from 1
 */
public record NameFreeId(long request) implements RingMischief {}
