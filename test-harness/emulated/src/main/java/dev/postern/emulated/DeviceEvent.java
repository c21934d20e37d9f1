package dev.postern.emulated;

/**
 * One entry of the trace.
 *
 * @param nanos simulated time
 * @param device the name of the device
 * @param what one line; the wording is for reading and for comparing two runs, not for parsing
 */
public record DeviceEvent(long nanos, String device, String what) {}
