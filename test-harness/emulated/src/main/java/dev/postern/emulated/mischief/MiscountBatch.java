package dev.postern.emulated.mischief;

/**
 * With a request the device skips more or fewer slots than its buffer, or with IN_ORDER its batch, has. The queue then rests until it
 * is reset.
 *
 * @param request its number, from 1
 * @param by how many slots more; negative for fewer, at most all of them
 */
public record MiscountBatch(long request, int by) implements RingMischief {}
