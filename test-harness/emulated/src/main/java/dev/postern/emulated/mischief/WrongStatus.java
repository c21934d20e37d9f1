package dev.postern.emulated.mischief;

/**
 * The status byte of a request is another one; data and used length are as without it.
 *
 * @param request its number, from 1
 * @param status 0 to 255
 */
public record WrongStatus(long request, int status) implements DiskMischief {}
