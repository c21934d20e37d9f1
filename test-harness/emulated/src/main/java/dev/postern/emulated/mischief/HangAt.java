package dev.postern.emulated.mischief;

/**
 * The device stops taking requests when it meets one, without a word, and works again after a reset.
 *
 * @param request its number, from 1
 */
public record HangAt(long request) implements DeviceMischief {}
