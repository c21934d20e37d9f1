package dev.postern.emulated.mischief;

/**
 * The used element of a request claims more than the driver offered to be written. What was written to memory does not change.
 *
 * @param request its number, from 1
 * @param by how many bytes more than was offered, 1 or more; negative for less. The low 32 bits of the sum are written
 */
public record OverstateUsedLength(long request, long by) implements RingMischief {}
