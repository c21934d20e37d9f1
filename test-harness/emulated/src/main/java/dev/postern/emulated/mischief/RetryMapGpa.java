package dev.postern.emulated.mischief;

/**
 * A MapGPA call of TDX converts the first half of its pages, rounded down, and answers RETRY with the address of the rest.
 *
 * @param call which one, from 1
 */
public record RetryMapGpa(long call) implements SharingMischief {}
