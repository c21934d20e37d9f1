package dev.postern.virtio.device;

import dev.postern.virtio.DeviceDeadException;

/** A driver that has its device live. */
public interface VirtioDriver extends AutoCloseable {

    /** The device's name, such as {@code blk0}. */
    String name();

    /** Resets the device and gives its memory back; a device that does not come out of reset keeps it. */
    @Override
    void close() throws DeviceDeadException;
}
