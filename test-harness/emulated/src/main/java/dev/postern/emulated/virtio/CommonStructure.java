package dev.postern.emulated.virtio;

import dev.postern.emulated.virtio.QueueRegisters.Area;

/**
 * The common configuration structure (virtio 1.4, Common configuration structure layout): each field at its offset, with
 * the one width that a driver may use.
 */
final class CommonStructure {

    /** Bytes with all fields up to the administration queue's. */
    static final int SIZE = 64;

    private static final int DEVICE_FEATURE_SELECT = 0;
    private static final int DEVICE_FEATURE = 4;
    private static final int DRIVER_FEATURE_SELECT = 8;
    private static final int DRIVER_FEATURE = 12;
    private static final int CONFIG_MSIX_VECTOR = 16;
    private static final int NUM_QUEUES = 18;
    private static final int DEVICE_STATUS = 20;
    private static final int CONFIG_GENERATION = 21;
    private static final int QUEUE_SELECT = 22;
    private static final int QUEUE_SIZE = 24;
    private static final int QUEUE_MSIX_VECTOR = 26;
    private static final int QUEUE_ENABLE = 28;
    private static final int QUEUE_NOTIFY_OFF = 30;
    private static final int QUEUE_DESC = 32;
    private static final int QUEUE_DRIVER = 40;
    private static final int QUEUE_DEVICE = 48;
    private static final int QUEUE_NOTIF_CONFIG_DATA = 56;
    private static final int QUEUE_RESET = 58;
    private static final int ADMIN_QUEUE_INDEX = 60;
    private static final int ADMIN_QUEUE_NUM = 62;

    private final VirtioDevice device;
    private int deviceFeatureSelect;
    private int driverFeatureSelect;
    private int queueSelect;

    CommonStructure(VirtioDevice device) {
        this.device = device;
    }

    void reset() {
        deviceFeatureSelect = 0;
        driverFeatureSelect = 0;
        queueSelect = 0;
    }

    private static int width(int offset) {
        return switch (offset) {
            case DEVICE_STATUS, CONFIG_GENERATION -> 1;
            case CONFIG_MSIX_VECTOR,
                    NUM_QUEUES,
                    QUEUE_SELECT,
                    QUEUE_SIZE,
                    QUEUE_MSIX_VECTOR,
                    QUEUE_ENABLE,
                    QUEUE_NOTIFY_OFF,
                    QUEUE_NOTIF_CONFIG_DATA,
                    QUEUE_RESET,
                    ADMIN_QUEUE_INDEX,
                    ADMIN_QUEUE_NUM -> 2;
            case DEVICE_FEATURE_SELECT,
                    DEVICE_FEATURE,
                    DRIVER_FEATURE_SELECT,
                    DRIVER_FEATURE,
                    QUEUE_DESC,
                    QUEUE_DESC + 4,
                    QUEUE_DRIVER,
                    QUEUE_DRIVER + 4,
                    QUEUE_DEVICE,
                    QUEUE_DEVICE + 4 -> 4;
            default -> 0;
        };
    }

    private boolean wrongWidth(int offset, int width, String act) {
        if (width(offset) == width) {
            return false;
        }
        device.guestError(
                "transport-pci:111",
                "%s of %d bytes at offset %d of the common configuration".formatted(act, width, offset));
        return true;
    }

    /** Reads a field; all ones when the width is not the field's. */
    long read(int offset, int width) {
        if (wrongWidth(offset, width, "read")) {
            return -1;
        }
        QueueRegisters queue = selected();
        return switch (offset) {
            case DEVICE_FEATURE_SELECT -> deviceFeatureSelect;
            case DEVICE_FEATURE -> device.offered().page(deviceFeatureSelect);
            case DRIVER_FEATURE_SELECT -> driverFeatureSelect;
            case DRIVER_FEATURE -> device.accepted().page(driverFeatureSelect);
            case CONFIG_MSIX_VECTOR -> device.configVector();
            case NUM_QUEUES -> device.queues().length;
            case DEVICE_STATUS -> device.readStatus();
            case CONFIG_GENERATION -> device.generation();
            case QUEUE_SELECT -> queueSelect;
            // A queue that does not exist has size 0, and that is all a driver needs to know (transport-pci:484).
            case QUEUE_SIZE -> queue == null ? 0 : queue.size();
            case QUEUE_MSIX_VECTOR -> queue == null ? VirtioDevice.NO_VECTOR : queue.vector();
            case QUEUE_ENABLE -> queue == null ? 0 : queue.readEnable();
            case QUEUE_NOTIFY_OFF -> queue == null ? 0 : queueSelect;
            case QUEUE_DESC, QUEUE_DRIVER, QUEUE_DEVICE -> queue == null ? 0 : queue.area(area(offset));
            case QUEUE_DESC + 4, QUEUE_DRIVER + 4, QUEUE_DEVICE + 4 ->
                queue == null ? 0 : queue.area(area(offset)) >>> 32;
            case QUEUE_NOTIF_CONFIG_DATA ->
                queue == null || !device.negotiated(Feature.NOTIF_CONFIG_DATA)
                        ? 0
                        : device.notificationConfigData(queueSelect);
            case QUEUE_RESET -> queue == null || !device.negotiated(Feature.RING_RESET) ? 0 : queue.readReset();
            // Administration queues are not offered.
            default -> 0;
        };
    }

    private QueueRegisters selected() {
        return queueSelect < device.queues().length ? device.queues()[queueSelect].registers() : null;
    }

    private static Area area(int offset) {
        return switch (offset & ~7) {
            case QUEUE_DESC -> Area.DESCRIPTOR;
            case QUEUE_DRIVER -> Area.DRIVER;
            default -> Area.DEVICE;
        };
    }

    /** Writes a field; ignored when the width is not the field's or the field is read-only. */
    void write(int offset, int width, int value) {
        if (wrongWidth(offset, width, "write")) {
            return;
        }
        switch (offset) {
            case DEVICE_FEATURE_SELECT -> deviceFeatureSelect = value;
            case DRIVER_FEATURE_SELECT -> driverFeatureSelect = value;
            case DRIVER_FEATURE -> device.writeDriverFeatures(driverFeatureSelect, value);
            case CONFIG_MSIX_VECTOR -> device.writeConfigVector(value);
            case DEVICE_STATUS -> {
                if (value == 0) {
                    reset();
                }
                device.writeStatus(value);
            }
            case QUEUE_SELECT -> queueSelect = value;
            case DEVICE_FEATURE,
                    NUM_QUEUES,
                    CONFIG_GENERATION,
                    QUEUE_NOTIFY_OFF,
                    QUEUE_NOTIF_CONFIG_DATA,
                    ADMIN_QUEUE_INDEX,
                    ADMIN_QUEUE_NUM ->
                device.guestError("transport-pci:500", "write to the read-only field at offset %d".formatted(offset));
            default -> writeQueue(offset, value);
        }
    }

    private void writeQueue(int offset, int value) {
        device.queueConfigured();
        QueueRegisters queue = selected();
        if (queue == null) {
            return;
        }
        switch (offset) {
            case QUEUE_SIZE -> queue.resize(value);
            case QUEUE_MSIX_VECTOR -> queue.vector(value);
            case QUEUE_ENABLE -> queue.enable(value);
            case QUEUE_RESET -> queue.writeReset(value);
            case QUEUE_DESC, QUEUE_DRIVER, QUEUE_DEVICE ->
                queue.area(area(offset), queue.area(area(offset)) & 0xffff_ffff_0000_0000L | value & 0xffff_ffffL);
            default -> queue.area(area(offset), queue.area(area(offset)) & 0xffff_ffffL | (long) value << 32);
        }
    }
}
