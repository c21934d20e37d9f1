package dev.postern.emulated.mischief;

/**
 * A reset never reads back as done. Only the first reset that interrupts a live driver is affected, and all after it;
 * the reset that starts an initialization works.
 */
public record NeverFinishReset() implements DeviceMischief {}
