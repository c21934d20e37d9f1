package dev.postern.emulated.mischief;

/**
 * One thing done wrong on purpose. Several may be combined; each is independent of the others. Requests are counted from
 * 1, over all queues of a device, since it was built: a reset does not start the count again, so that a device which
 * failed once works after recovery.
 */
public sealed interface Mischief permits DeviceMischief, FirmwareMischief, SharingMischief {}
