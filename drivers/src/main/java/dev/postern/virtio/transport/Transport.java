package dev.postern.virtio.transport;

import dev.postern.virtio.DeviceAwayException;
import dev.postern.virtio.FeatureSet;
import dev.postern.virtio.InterruptMode;
import dev.postern.virtio.ProbeRefusedException;
import dev.postern.virtio.queue.QueueAddresses;
import java.util.Optional;

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

    /**
     * The features that need something of the transport, and for which this one has it: NOTIFICATION_DATA, NOTIF_CONFIG_DATA and
     * RING_RESET, or some of them (content:147: nothing else of that kind is accepted). Without effect on the device.
     */
    FeatureSet supportedFeatures();

    /**
     * The features the device offers.
     *
     * @throws DeviceAwayException when the device cannot be reached now
     * @throws ProbeRefusedException when it cannot be talked to; it uses no memory then
     */
    FeatureSet offeredFeatures() throws DeviceAwayException, ProbeRefusedException;

    /** Why the device does not do as it is told, in one line that names it, where the transport knows; empty when it knows of nothing. */
    default Optional<String> trouble() {
        return Optional.empty();
    }

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

    /** Writes one byte of the device-specific configuration. */
    void writeConfig8(int offset, int value);

    /**
     * The most entries that the queue may have, as the device says: 0 to 65535, and 0 when there is no such queue. Meant for a queue
     * that is not enabled: of another it is the size it has.
     */
    int maximumQueueSize(int queue);

    /**
     * Prepares interrupts, before any queue is enabled.
     *
     * @param queues queues with an index below this one will be enabled
     * @param signals what to tell; called on the thread that waits for interrupts, never from a register access
     * @throws ProbeRefusedException when the device cannot interrupt in this way
     */
    void connectInterrupts(InterruptMode mode, int queues, DeviceSignals signals) throws ProbeRefusedException;

    /**
     * Configures a queue and enables it (transport-pci:509), after the features were written; a device that must have memory before it can
     * have queues is told by {@link #allowDma}.
     *
     * @throws ProbeRefusedException when the device does not take the configuration
     */
    void enableQueue(int queue, QueueAddresses addresses) throws ProbeRefusedException;

    /** Starts to reset one queue alone; needs RING_RESET. */
    void resetQueue(int queue);

    /** Whether the reset of a queue that was started is over (transport-pci:518). */
    boolean queueResetDone(int queue);

    /**
     * Tells the device that buffers are available in an enabled queue; legal only after DRIVER_OK (content:555).
     *
     * @param offset what NOTIFICATION_DATA says of the queue, 16 bits; of no use when that was not accepted
     */
    void notifyQueue(int queue, int offset);

    /**
     * Lets the device's memory accesses through, once it is decided how they go and queues are enabled.
     *
     * @throws ProbeRefusedException when the device does not take memory or queues; it may use both until a reset
     */
    void allowDma() throws ProbeRefusedException;

    /** Stops the device's memory accesses at the bus, or begins to, where only a reset that reads back says that they have stopped. */
    void forbidDma();

    /** Gives back interrupts and claims. The device has been reset before. */
    @Override
    void close();
}
