package dev.postern.emulated.mischief;

/**
 * The reset of one queue never reads back as done: queue_reset stays 1.
 */
public record NeverFinishQueueReset() implements DeviceMischief {}
