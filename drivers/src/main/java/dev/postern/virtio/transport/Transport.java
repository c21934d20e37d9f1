package dev.postern.virtio.transport;

import dev.postern.virtio.FeatureSet;
import dev.postern.virtio.InterruptMode;
import dev.postern.virtio.ProbeRefusedException;
import dev.postern.virtio.queue.QueueAddresses;

/**
 * How a driver reaches its device's registers, whatever bus lies between. All calls come from the thread that owns the
 * device.
 *
 * <p>A transport does exactly what it is told: the order of steps belongs to {@code virtio.device}.
 */
public interface Transport extends AutoCloseable {

    /** Where the device is, such as {@code pci 00:03.0}. */
    String location();

    /** The number of the device type. */
    int deviceTypeId();

    /** The features the device offers. */
    FeatureSet offeredFeatures();

    /** Tells the device which features the driver accepts. */
    void writeAcceptedFeatures(FeatureSet accepted);

    /** The device status, 0 to 255; see {@link dev.postern.virtio.DeviceStatus}. */
    int readStatus();

    /** Writes the device status; 0 resets the device. */
    void writeStatus(int status);

    /** Changes whenever two reads of the configuration may see different versions of it (content:277). */
    int configGeneration();

    /** How many bytes of device-specific configuration there are; may be larger than the driver knows (content:304). */
    int configLength();

    /** One byte of the device-specific configuration. */
    int readConfig8(int offset);

    /** Two bytes of the device-specific configuration; {@code offset} is even. */
    int readConfig16(int offset);

    /** Four bytes of the device-specific configuration; {@code offset} is a multiple of 4. */
    int readConfig32(int offset);

    /** The most entries that the queue may have; 0 when there is no such queue. */
    int maximumQueueSize(int queue);

    /**
     * Prepares interrupts, before any queue is enabled.
     *
     * @param queues how many queues will be enabled
     * @param signals what to tell; called on the thread that waits for interrupts, never from a register access
     * @throws ProbeRefusedException when the device cannot interrupt in this way
     */
    void connectInterrupts(InterruptMode mode, int queues, DeviceSignals signals) throws ProbeRefusedException;

    /**
     * Configures a queue and enables it (transport-pci:505).
     *
     * @throws ProbeRefusedException when the device does not take the configuration
     */
    void enableQueue(int queue, QueueAddresses addresses) throws ProbeRefusedException;

    /** Tells the device that buffers are available; legal only after DRIVER_OK (content:555). */
    void notifyQueue(int queue);

    /** Lets the device's memory accesses through, once it is decided how they go. */
    void allowDma();

    /** Stops the device's memory accesses at the bus. */
    void forbidDma();

    /** Gives back interrupts and claims. The device has been reset before. */
    @Override
    void close();
}
