package dev.postern.emulated.mischief;

/**
 * With IN_ORDER the used element of a batch that ends with a request names the first buffer of the batch and skips all of it.
 *
 * @param request its number, from 1. The requests before it that were served with it are its batch
 */
public record NameFirstOfBatch(long request) implements RingMischief {}
