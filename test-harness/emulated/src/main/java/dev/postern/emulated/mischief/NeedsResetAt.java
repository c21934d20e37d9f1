package dev.postern.emulated.mischief;

/**
 * The device breaks down when it meets a request: the request is not answered, and the device asks for a reset.
 *
 * @param request its number, from 1
 */
public record NeedsResetAt(long request) implements DeviceMischief {}
