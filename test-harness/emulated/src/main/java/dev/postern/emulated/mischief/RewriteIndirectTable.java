package dev.postern.emulated.mischief;

/**
 * The device overwrites the indirect table of a request, behind the driver's back, before it publishes the request: address and length
 * with ones. Nothing happens where there is none, or where devices may not write to that memory.
 *
 * @param request its number, from 1
 * @param flags 16 bits
 * @param next 16 bits: the next entry in the format of split rings, reserved in that of packed ones
 */
public record RewriteIndirectTable(long request, int flags, int next) implements RingMischief {}
