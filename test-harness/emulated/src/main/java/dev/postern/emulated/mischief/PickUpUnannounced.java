package dev.postern.emulated.mischief;

/**
 * The device looks for buffers each time that devices work, and serves and publishes those it was not notified of. That is allowed
 * (split-ring:680, packed-ring:566), and finds a driver that counts on its kick.
 */
public record PickUpUnannounced() implements DeviceMischief {}
