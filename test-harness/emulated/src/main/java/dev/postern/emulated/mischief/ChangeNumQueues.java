package dev.postern.emulated.mischief;

/**
 * The number of queues is another one from the second time on that it is read.
 *
 * @param count 0 to 65535
 */
public record ChangeNumQueues(int count) implements DeviceMischief {}
