package dev.postern.emulated.mischief;

/**
 * A MapGPA call of TDX converts nothing and answers RETRY with an address of the host's choice.
 *
 * @param call which one, from 1
 * @param nextOffset that address less the one that the guest gave, in bytes: negative goes backwards, 0 makes no progress, the
 *     size or more lies beyond the range
 */
public record MisleadMapGpa(long call, long nextOffset) implements SharingMischief {}
