package dev.postern.emulated.virtio;

/** What makes a virtio device a disk or an entropy source. */
public interface DeviceType {

    /** What {@link #serve} returns for a request that no answer can be given to: the device then asks for a reset. */
    long BROKEN = -1;

    /** The virtio device id. */
    int deviceId();

    /** The PCI class code, 24 bits. */
    int classCode();

    /** The features of the type itself. */
    FeatureSet features();

    /** How many queues there are. */
    int queueCount();

    /** Size of the device-specific configuration in bytes; 0 when there is none. */
    int configSize();

    /**
     * The width with which the field at an offset has to be read (a 64-bit field in halves of 4), or 0 when no field
     * begins there.
     */
    int configFieldWidth(int offset);

    /** One byte of the device-specific configuration, 0 to 255. */
    int configByte(int offset);

    /** The driver read from the configuration; called after the read was answered. */
    void configRead(int offset, int width);

    /** The driver wrote to the configuration, after FEATURES_OK. A type without a writable field has nothing to do. */
    default void configWritten(int offset, int width, long value) {
        // No field can be written.
    }

    /** Whether the device can be driven with these features; every one of them was offered. */
    default boolean accepts(FeatureSet features) {
        return true;
    }

    /** Features were negotiated. */
    void negotiated(FeatureSet accepted);

    /**
     * Serves one request.
     *
     * @param request its number, from 1, over the life of the device
     * @param chain its buffers
     * @return how many bytes were written from the first writable one on, 32 bits, or {@link #BROKEN}
     */
    long serve(long request, Chain chain);

    /** The device was reset. */
    void reset();
}
