package dev.postern.virtio.queue;

/**
 * Where a queue's three areas are, as the device sees them.
 *
 * @param size entries
 * @param descriptorDva device address of the descriptor area
 * @param driverDva device address of the driver area (available ring)
 * @param deviceDva device address of the device area (used ring)
 */
public record QueueAddresses(int size, long descriptorDva, long driverDva, long deviceDva) {}
