package dev.postern.emulated.mischief;

/**
 * FEATURES_OK never stays set, whatever the driver accepts.
 */
public record RefuseFeaturesOk() implements DeviceMischief {}
