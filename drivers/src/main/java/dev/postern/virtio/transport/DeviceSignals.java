package dev.postern.virtio.transport;

/** What an interrupt says. Both calls only note that there is something to look at. */
public interface DeviceSignals {

    /** The device may have used buffers of this queue. */
    void queueSignalled(int queue);

    /** The device's configuration, or its status, may have changed. */
    void configurationChanged();
}
