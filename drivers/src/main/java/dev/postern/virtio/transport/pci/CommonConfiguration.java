package dev.postern.virtio.transport.pci;

import dev.postern.machine.RegisterSpace;
import dev.postern.virtio.FeatureSet;

/**
 * The common configuration structure (transport-pci:300). Each field is accessed in its own width, 64-bit fields as two
 * halves, low first (transport-pci:111).
 *
 * <pre>
 *  0 device_feature_select   4 device_feature     8 driver_feature_select  12 driver_feature
 * 16 config_msix_vector     18 num_queues        20 device_status          21 config_generation
 * 22 queue_select           24 queue_size        26 queue_msix_vector      28 queue_enable
 * 30 queue_notify_off       32 queue_desc        40 queue_driver           48 queue_device
 * 56 queue_notif_config_data (with NOTIF_CONFIG_DATA)                      58 queue_reset (with RING_RESET)
 * </pre>
 */
final class CommonConfiguration {

    /** What a vector field reads when no vector is mapped. */
    static final int NO_VECTOR = 0xffff;

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
    private static final int FEATURE_PAGES = 4;

    private final RegisterSpace registers;
    private final long base;
    private final long length;

    CommonConfiguration(RegisterSpace registers, VirtioStructure where) {
        this.registers = registers;
        base = where.pa();
        length = where.length();
    }

    /** Whether the structure is long enough to hold what queues are called in notifications. */
    boolean hasNotificationConfigData() {
        return length >= QUEUE_NOTIF_CONFIG_DATA + 2;
    }

    /** Whether the structure is long enough to hold the reset of single queues. */
    boolean hasQueueReset() {
        return length >= QUEUE_RESET + 2;
    }

    FeatureSet offeredFeatures() {
        int[] pages = new int[FEATURE_PAGES];
        for (int i = 0; i < FEATURE_PAGES; i++) {
            registers.write32(base + DEVICE_FEATURE_SELECT, i);
            pages[i] = registers.read32(base + DEVICE_FEATURE);
        }
        return FeatureSet.ofPages(pages[0], pages[1], pages[2], pages[3]);
    }

    void writeAcceptedFeatures(FeatureSet accepted) {
        for (int i = 0; i < FEATURE_PAGES; i++) {
            registers.write32(base + DRIVER_FEATURE_SELECT, i);
            registers.write32(base + DRIVER_FEATURE, accepted.page(i));
        }
    }

    int status() {
        return registers.read8(base + DEVICE_STATUS);
    }

    void writeStatus(int status) {
        registers.write8(base + DEVICE_STATUS, status);
    }

    int generation() {
        return registers.read8(base + CONFIG_GENERATION);
    }

    int queueCount() {
        return registers.read16(base + NUM_QUEUES);
    }

    void selectQueue(int queue) {
        registers.write16(base + QUEUE_SELECT, queue);
    }

    int queueSize() {
        return registers.read16(base + QUEUE_SIZE);
    }

    /** Gives the selected queue a size and says whether the device took it. */
    boolean takesQueueSize(int size) {
        registers.write16(base + QUEUE_SIZE, size);
        return registers.read16(base + QUEUE_SIZE) == size;
    }

    int queueNotifyOffset() {
        return registers.read16(base + QUEUE_NOTIFY_OFF);
    }

    void writeQueueAddresses(long descriptors, long driver, long device) {
        write64(QUEUE_DESC, descriptors);
        write64(QUEUE_DRIVER, driver);
        write64(QUEUE_DEVICE, device);
    }

    /** What the selected queue is called in notifications, 16 bits. */
    int queueNotificationConfigData() {
        return registers.read16(base + QUEUE_NOTIF_CONFIG_DATA);
    }

    /** Enables the selected queue and says whether the device took it. */
    boolean enableQueue() {
        registers.write16(base + QUEUE_ENABLE, 1);
        return registers.read16(base + QUEUE_ENABLE) == 1;
    }

    void resetQueue() {
        registers.write16(base + QUEUE_RESET, 1);
    }

    /** transport-pci:518: 0 when it is over. */
    boolean queueResetDone() {
        return registers.read16(base + QUEUE_RESET) == 0;
    }

    /** Maps queue events to a vector and says whether the device took it (transport-pci:1031). */
    boolean mapQueueVector(int vector) {
        registers.write16(base + QUEUE_MSIX_VECTOR, vector);
        return registers.read16(base + QUEUE_MSIX_VECTOR) == vector;
    }

    /** Maps configuration events to a vector and says whether the device took it (transport-pci:1031). */
    boolean mapConfigVector(int vector) {
        registers.write16(base + CONFIG_MSIX_VECTOR, vector);
        return registers.read16(base + CONFIG_MSIX_VECTOR) == vector;
    }

    private void write64(int field, long value) {
        registers.write32(base + field, (int) value);
        registers.write32(base + field + 4, (int) (value >>> 32));
    }
}
