package dev.postern.emulated.mischief;

/**
 * The device overwrites the descriptors of a request in the ring, behind the driver's back, before it publishes the request: address
 * and length with ones. A driver that walks the ring instead of its own notes is led astray. It cannot be done where devices may
 * not write to that memory.
 *
 * @param request its number, from 1
 * @param flags 16 bits; the bits AVAIL and USED of a packed descriptor stay as they are
 * @param next 16 bits: the next descriptor in a split ring, the buffer id in a packed one
 */
public record RewriteDescriptors(long request, int flags, int next) implements RingMischief {}
