package dev.postern.emulated.virtio;

/**
 * What a driver sets up of one queue, as the transport relays it: size, addresses, vector, enabling and reset (transport-pci, Common
 * configuration structure layout; content, Virtqueue Reset).
 */
final class QueueRegisters {

    private final VirtioDevice device;
    private final Virtqueue queue;
    private final int index;
    private final int maxSize;
    private final int resetReads;

    /** What the driver wrote, or 0. */
    private int chosenSize;

    private int vector;
    private boolean enabled;
    private long descriptorArea;
    private long driverArea;
    private long deviceArea;
    private int resetReadsLeft;

    /**
     * The registers of a queue that nobody set up.
     *
     * @param maxSize 1 to 32768
     * @param resetReads how many reads of queue_reset show that a reset goes on
     */
    QueueRegisters(VirtioDevice device, Virtqueue queue, int index, int maxSize, int resetReads) {
        this.device = device;
        this.queue = queue;
        this.index = index;
        this.maxSize = maxSize;
        this.resetReads = resetReads;
        clear();
    }

    void clear() {
        chosenSize = 0;
        vector = VirtioDevice.NO_VECTOR;
        enabled = false;
        descriptorArea = 0;
        driverArea = 0;
        deviceArea = 0;
        resetReadsLeft = 0;
    }

    /** The three parts of a queue. */
    enum Area {
        DESCRIPTOR,
        DRIVER,
        DEVICE
    }

    // ---- size

    /** What the driver chose, else the largest: a power of two unless RING_PACKED was negotiated (transport-pci:487). */
    int size() {
        return chosenSize == 0 ? largest() : chosenSize;
    }

    private int largest() {
        return device.negotiated(Feature.RING_PACKED) ? maxSize : Integer.highestOneBit(maxSize);
    }

    void resize(int value) {
        if (frozen("queue_size")) {
            return;
        }
        if (device.negotiated(Feature.RING_PACKED)) {
            if (value == 0 || value > maxSize) {
                refuseSize(value == 0 ? "transport-pci:505" : "transport-pci:370", value, "not 1 to");
                return;
            }
        } else if (Integer.bitCount(value) != 1 || value > maxSize) {
            refuseSize("transport-pci:507", value, "not a power of two up to");
            return;
        }
        chosenSize = value;
    }

    private void refuseSize(String clause, int value, String why) {
        device.guestError(clause, "queue %d: size %d is %s %d".formatted(index, value, why, maxSize));
    }

    // ---- vector

    int vector() {
        return vector;
    }

    void vector(int value) {
        if (enabled) {
            device.guestError("transport-pci:509", "queue " + index + ": queue_msix_vector written after enabling");
        }
        vector = device.checkedVector(value);
    }

    // ---- enabling and reset

    boolean enabled() {
        return enabled;
    }

    /** queue_enable as it reads: a queue that is being reset is not disabled before that is done (transport-pci:480). */
    int readEnable() {
        return enabled || resetReadsLeft > 0 ? 1 : 0;
    }

    void enable(int value) {
        if (value == 0) {
            device.guestError("transport-pci:515", "queue " + index + ": 0 written to queue_enable");
            return;
        }
        if (value != 1 || enabled || stillResetting("queue_enable")) {
            return;
        }
        if (!device.featuresFixed()) {
            device.guestError("content:521", "queue " + index + " was enabled before FEATURES_OK");
        }
        checkAlignment();
        enabled = true;
        queue.begin();
        if (device.tracing()) {
            device.event("queue %d enabled, size %d".formatted(index, size()));
        }
    }

    private void checkAlignment() {
        boolean packed = device.negotiated(Feature.RING_PACKED);
        if ((descriptorArea & 15) != 0 || (driverArea & (packed ? 3 : 1)) != 0 || (deviceArea & 3) != 0) {
            device.guestError(
                    packed ? "packed-ring:393" : "split-ring:61",
                    "queue %d: areas at 0x%x, 0x%x, 0x%x are not aligned"
                            .formatted(index, descriptorArea, driverArea, deviceArea));
        }
    }

    /** queue_reset as it reads: 1 while a reset goes on (transport-pci:478). */
    int readReset() {
        if (resetReadsLeft == 0) {
            return 0;
        }
        resetReadsLeft--;
        return 1;
    }

    void writeReset(int value) {
        if (!device.negotiated(Feature.RING_RESET)) {
            device.guestError(
                    "transport-pci:415", "queue " + index + ": queue_reset written and RING_RESET was not negotiated");
            return;
        }
        if (value != 1) {
            device.guestError("transport-pci:517", "queue " + index + ": " + value + " written to queue_reset");
            return;
        }
        queue.reset();
        resetReadsLeft = resetReads;
    }

    /** Notes a write that comes before queue_reset read back 0 (transport-pci:517). */
    private boolean stillResetting(String field) {
        if (resetReadsLeft > 0) {
            device.guestError(
                    "transport-pci:517", "queue " + index + ": " + field + " written while queue_reset reads as 1");
        }
        return resetReadsLeft > 0;
    }

    // ---- addresses

    long area(Area area) {
        return switch (area) {
            case DESCRIPTOR -> descriptorArea;
            case DRIVER -> driverArea;
            case DEVICE -> deviceArea;
        };
    }

    void area(Area area, long address) {
        if (frozen("the address of an area")) {
            return;
        }
        switch (area) {
            case DESCRIPTOR -> descriptorArea = address;
            case DRIVER -> driverArea = address;
            case DEVICE -> deviceArea = address;
        }
    }

    private boolean frozen(String field) {
        if (enabled) {
            device.guestError("transport-pci:509", "queue " + index + ": " + field + " written after enabling");
        }
        return enabled || stillResetting(field);
    }
}
