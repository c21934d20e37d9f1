package dev.postern.emulated.mischief;

/**
 * queue_enable reads as 0, whatever was written to it. The queue works.
 */
public record HideQueueEnable() implements DeviceMischief {}
