package dev.postern.lab;

import dev.postern.bus.pci.PciCapability;
import dev.postern.bus.pci.PciFunction;
import dev.postern.machine.RegisterSpace;
import java.util.List;

/**
 * The registers of a virtio PCI function as a test reads them, past the driver. Offsets inside a structure are the
 * caller's, who has them from somewhere else than the driver.
 */
final class RawVirtio {

    /**
     * Where the fields of a virtio capability are.
     *
     * @param type the type looked for
     * @param cfgType offset of the type
     * @param bar offset of the BAR's number
     * @param offset offset of the offset in the BAR
     */
    record CapabilityLayout(int type, int cfgType, int bar, int offset) {}

    /**
     * Where the areas of an enabled queue are, by the addresses that the device has.
     *
     * @param size entries
     */
    record QueuePlaces(int size, long descriptors, long driver, long device) {}

    private static final CapabilityLayout COMMON = new CapabilityLayout(1, 3, 4, 8);
    private static final CapabilityLayout NOTIFY = new CapabilityLayout(2, 3, 4, 8);
    private static final CapabilityLayout DEVICE = new CapabilityLayout(4, 3, 4, 8);
    private static final int LENGTH = 12;
    private static final int NOTIFY_MULTIPLIER = 16;
    // The virtio specification, "Common configuration structure layout".
    private static final int DEVICE_STATUS = 20;
    private static final int QUEUE_SELECT = 22;
    private static final int QUEUE_SIZE = 24;
    private static final int QUEUE_NOTIFY_OFF = 30;
    private static final int QUEUE_DESC = 32;
    private static final int QUEUE_DRIVER = 40;
    private static final int QUEUE_DEVICE = 48;
    private static final int QUEUE_NOTIF_CONFIG_DATA = 56;

    private final PciFunction function;
    private final RegisterSpace registers;

    private RawVirtio(PciFunction function, RegisterSpace registers) {
        this.function = function;
        this.registers = registers;
    }

    /** Every virtio function of a guest, in the order of discovery. */
    static List<RawVirtio> of(Trial trial) {
        return trial.guest().bus().orElseThrow().functions().stream()
                .filter(function -> function.vendorId() == 0x1af4)
                .map(function ->
                        new RawVirtio(function, trial.machine().machine().registers()))
                .toList();
    }

    PciFunction function() {
        return function;
    }

    RegisterSpace registers() {
        return registers;
    }

    /** Where the structure of a type begins in the physical address space. */
    long structure(CapabilityLayout layout) {
        int at = capability(layout);
        return function.bar(function.read8(at + layout.bar())).orElseThrow().pa()
                + Integer.toUnsignedLong(function.read32(at + layout.offset()));
    }

    /** How long the device says its own configuration is. */
    long deviceConfigurationBytes() {
        return Integer.toUnsignedLong(function.read32(capability(DEVICE) + LENGTH));
    }

    private int capability(CapabilityLayout layout) {
        for (PciCapability capability : function.capabilities()) {
            int at = capability.offset();
            if (capability.id() == PciCapability.VENDOR_SPECIFIC
                    && function.read8(at + layout.cfgType()) == layout.type()) {
                return at;
            }
        }
        throw new AssertionError("%s has no structure of type %d".formatted(function, layout.type()));
    }

    /** Where the device's own configuration begins. */
    long deviceConfigurationPa() {
        return structure(DEVICE);
    }

    /** Where the common configuration begins. */
    long common() {
        return structure(COMMON);
    }

    /** Where the status is. */
    long statusPa() {
        return common() + DEVICE_STATUS;
    }

    /** Where notifications of a queue go. */
    long notifyPa(int queue) {
        select(queue);
        return structure(NOTIFY)
                + (long) registers.read16(common() + QUEUE_NOTIFY_OFF)
                        * function.read32(capability(NOTIFY) + NOTIFY_MULTIPLIER);
    }

    /** What a device wants a queue to be called in notifications; with NOTIF_CONFIG_DATA. */
    int notificationName(int queue) {
        select(queue);
        return registers.read16(common() + QUEUE_NOTIF_CONFIG_DATA);
    }

    /** Where the areas of a queue are. */
    QueuePlaces places(int queue) {
        select(queue);
        return new QueuePlaces(
                registers.read16(common() + QUEUE_SIZE),
                address(QUEUE_DESC),
                address(QUEUE_DRIVER),
                address(QUEUE_DEVICE));
    }

    private void select(int queue) {
        registers.write16(common() + QUEUE_SELECT, queue);
    }

    private long address(int field) {
        long low = Integer.toUnsignedLong(registers.read32(common() + field));
        long high = Integer.toUnsignedLong(registers.read32(common() + field + 4));
        return high << 32 | low;
    }

    int status() {
        return registers.read8(common() + DEVICE_STATUS);
    }
}
