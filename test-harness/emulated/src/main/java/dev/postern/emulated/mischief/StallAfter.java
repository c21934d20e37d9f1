package dev.postern.emulated.mischief;

/**
 * The device stops taking requests, without a word.
 *
 * @param requests how many it still answers
 */
public record StallAfter(long requests) implements DeviceMischief {}
