package dev.postern.emulated.mischief;

/**
 * The used element of a request names the buffer made available after it, which was not served, and skips the request alone. Nothing
 * is wrong where there is none. The queue then rests until it is reset.
 *
 * @param request its number, from 1
 */
public record NameBeyondBatch(long request) implements RingMischief {}
