package dev.postern.emulated.mischief;

/**
 * The used element of a request is written some slots behind its place, and the place keeps what it had; the index of a split ring
 * moves as if nothing were wrong. The queue then rests until it is reset.
 *
 * @param request its number, from 1
 * @param by how many slots behind, 1 or more, less than the queue size
 */
public record MisplaceUsed(long request, int by) implements RingMischief {}
