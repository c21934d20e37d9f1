package dev.postern.virtio.transport.pci;

import dev.postern.bus.pci.PciClaim;
import dev.postern.bus.pci.PciFunction;
import dev.postern.interrupt.InterruptRouter;
import dev.postern.machine.RegisterSpace;
import dev.postern.virtio.FeatureSet;
import dev.postern.virtio.InterruptMode;
import dev.postern.virtio.ProbeRefusedException;
import dev.postern.virtio.ReservedFeatures;
import dev.postern.virtio.queue.QueueAddresses;
import dev.postern.virtio.transport.DeviceSignals;
import dev.postern.virtio.transport.Transport;
import java.util.Arrays;
import java.util.OptionalInt;

/** The registers of one virtio PCI function. */
public final class PciTransport implements Transport {

    /** No interrupt line is known, or none is wanted. */
    public static final int NO_LINE = -1;

    private static final int VIRTIO_VENDOR = 0x1af4;
    private static final int FIRST_TRANSITIONAL = 0x1000;
    private static final int LAST_TRANSITIONAL = 0x103f;
    private static final int FIRST_MODERN = 0x1040;
    private static final int LAST_MODERN = 0x107f;

    private static final int NOTIFY_MULTIPLIER = 16;

    private final PciFunction function;
    private final PciClaim claim;
    private final RegisterSpace registers;
    private final InterruptRouter router;
    private final int intxGsi;
    private final CommonConfiguration common;
    private final VirtioStructure notify;
    private final long notifyMultiplier;
    private final VirtioStructure isr;
    private final VirtioStructure device;
    private PciInterrupts interrupts = PciInterrupts.none();
    private boolean notificationData;
    private boolean notificationConfigData;
    // Where each enabled queue is notified, and what it is called there; as long as the highest index needs.
    private long[] notifyPas = {};
    private int[] notifyNames = {};

    private PciTransport(
            PciFunction function, PciClaim claim, RegisterSpace registers, InterruptRouter router, int intxGsi)
            throws ProbeRefusedException {
        this.function = function;
        this.claim = claim;
        this.registers = registers;
        this.router = router;
        this.intxGsi = intxGsi;
        common = new CommonConfiguration(registers, VirtioStructure.require(function, VirtioStructure.Kind.COMMON));
        notify = VirtioStructure.require(function, VirtioStructure.Kind.NOTIFY);
        notifyMultiplier = Integer.toUnsignedLong(function.read32(notify.capability() + NOTIFY_MULTIPLIER));
        isr = VirtioStructure.require(function, VirtioStructure.Kind.ISR);
        // Not every device type has a configuration of its own.
        device = VirtioStructure.find(function, VirtioStructure.Kind.DEVICE).orElse(new VirtioStructure(0, 0, 0));
        function.enableMemory();
    }

    /**
     * The virtio device type of a function (transport-pci:29), or empty when it is no virtio device. Transitional functions
     * name their type in the subsystem identifier; they are driven through their modern interface.
     */
    public static OptionalInt deviceType(PciFunction function) {
        int id = function.deviceId();
        if (function.vendorId() != VIRTIO_VENDOR) {
            return OptionalInt.empty();
        }
        if (id >= FIRST_MODERN && id <= LAST_MODERN) {
            return OptionalInt.of(id - FIRST_MODERN);
        }
        if (id >= FIRST_TRANSITIONAL && id <= LAST_TRANSITIONAL) {
            return OptionalInt.of(function.subsystemId());
        }
        return OptionalInt.empty();
    }

    /**
     * Finds and checks the device's structures, and claims the function.
     *
     * @param owner who claims it, for messages
     * @param intxGsi the interrupt line of the function's pin, or {@link #NO_LINE}
     * @throws ProbeRefusedException when a structure is missing or lies outside its BAR; the function is free again then
     */
    public static PciTransport open(
            PciFunction function, String owner, RegisterSpace registers, InterruptRouter router, int intxGsi)
            throws ProbeRefusedException {
        PciClaim claim = function.claim(owner);
        try {
            return new PciTransport(function, claim, registers, router, intxGsi);
        } catch (ProbeRefusedException | RuntimeException e) {
            claim.close();
            throw e;
        }
    }

    @Override
    public String location() {
        return "pci " + function.address();
    }

    @Override
    public int deviceTypeId() {
        return deviceType(function).orElseThrow();
    }

    @Override
    public FeatureSet supportedFeatures() {
        FeatureSet features = FeatureSet.of(ReservedFeatures.NOTIFICATION_DATA);
        if (common.hasNotificationConfigData()) {
            features = features.with(ReservedFeatures.NOTIF_CONFIG_DATA);
        }
        if (common.hasQueueReset()) {
            features = features.with(ReservedFeatures.RING_RESET);
        }
        return features;
    }

    @Override
    public FeatureSet offeredFeatures() {
        return common.offeredFeatures();
    }

    @Override
    public void writeAcceptedFeatures(FeatureSet accepted) {
        common.writeAcceptedFeatures(accepted);
        notificationData = accepted.has(ReservedFeatures.NOTIFICATION_DATA);
        notificationConfigData = accepted.has(ReservedFeatures.NOTIF_CONFIG_DATA);
    }

    @Override
    public int readStatus() {
        return common.status();
    }

    @Override
    public void writeStatus(int status) {
        common.writeStatus(status);
    }

    @Override
    public int configGeneration() {
        return common.generation();
    }

    @Override
    public int configLength() {
        return (int) Math.min(device.length(), Integer.MAX_VALUE);
    }

    @Override
    public int readConfig8(int offset) {
        return registers.read8(configPa(offset, 1));
    }

    @Override
    public int readConfig16(int offset) {
        return registers.read16(configPa(offset, 2));
    }

    @Override
    public int readConfig32(int offset) {
        return registers.read32(configPa(offset, 4));
    }

    @Override
    public void writeConfig8(int offset, int value) {
        registers.write8(configPa(offset, 1), value);
    }

    @Override
    public int maximumQueueSize(int queue) {
        if (queue >= common.queueCount()) {
            return 0;
        }
        common.selectQueue(queue);
        return common.queueSize();
    }

    @Override
    public void connectInterrupts(InterruptMode mode, int queues, DeviceSignals signals) throws ProbeRefusedException {
        interrupts.close();
        interrupts = switch (mode) {
            case POLLED -> PciInterrupts.none();
            case MSIX -> PciMessageInterrupts.open(function, common, router, queues, signals);
            case INTX -> PciLineInterrupt.open(function, registers, isr.pa(), router, intxGsi, queues, signals);
        };
    }

    @Override
    public void enableQueue(int queue, QueueAddresses addresses) throws ProbeRefusedException {
        common.selectQueue(queue);
        if (!common.takesQueueSize(addresses.size())) {
            throw new ProbeRefusedException("%s: the device does not take %d entries for queue %d; give it another size"
                    .formatted(function.name(), addresses.size(), queue));
        }
        int vector = interrupts.queueVector(queue);
        if (vector != CommonConfiguration.NO_VECTOR && !common.mapQueueVector(vector)) {
            throw new ProbeRefusedException(
                    "%s: the device does not take vector %d for queue %d; try --irq polled or intx"
                            .formatted(function.name(), vector, queue));
        }
        common.writeQueueAddresses(addresses.descriptorDva(), addresses.driverDva(), addresses.deviceDva());
        learnNotification(queue);
        // transport-pci:509: everything else before the enable.
        if (!common.enableQueue()) {
            throw new ProbeRefusedException("%s: queue %d does not read back as enabled; the device is not used"
                    .formatted(function.name(), queue));
        }
    }

    /** Where the selected queue is notified, and what it is called there. */
    private void learnNotification(int queue) throws ProbeRefusedException {
        // transport-pci:577 and 594: the structure holds a notification of this width.
        int width = notificationData ? 4 : 2;
        long offset = common.queueNotifyOffset() * notifyMultiplier;
        if (offset > notify.length() - width) {
            throw new ProbeRefusedException(
                    "%s: queue %d is notified at offset 0x%x, outside the notification structure of 0x%x bytes"
                            .formatted(function.name(), queue, offset, notify.length()));
        }
        if ((notify.pa() + offset) % width != 0) {
            throw new ProbeRefusedException(
                    "%s: queue %d is notified at offset 0x%x of the structure, which is not aligned to %d bytes"
                            .formatted(function.name(), queue, offset, width));
        }
        if (queue >= notifyPas.length) {
            notifyPas = Arrays.copyOf(notifyPas, queue + 1);
            notifyNames = Arrays.copyOf(notifyNames, queue + 1);
        }
        notifyPas[queue] = notify.pa() + offset;
        // transport-pci:1110, 1113, 1120 and 1123.
        notifyNames[queue] = notificationConfigData ? common.queueNotificationConfigData() : queue;
    }

    @Override
    public void resetQueue(int queue) {
        common.selectQueue(queue);
        common.resetQueue();
    }

    @Override
    public boolean queueResetDone(int queue) {
        common.selectQueue(queue);
        return common.queueResetDone();
    }

    @Override
    public void notifyQueue(int queue, int offset) {
        // Behind the ring's index or flags for the device too: the full fence of their publication lies between.
        if (notificationData) {
            // transport-pci:1106: 32 bits wide.
            registers.write32(notifyPas[queue], notifyNames[queue] | offset << 16);
        } else {
            // transport-pci:1103: 16 bits wide.
            registers.write16(notifyPas[queue], notifyNames[queue]);
        }
    }

    @Override
    public void allowDma() {
        function.enableBusMastering();
    }

    @Override
    public void forbidDma() {
        function.disableBusMastering();
    }

    @Override
    public void close() {
        interrupts.close();
        interrupts = PciInterrupts.none();
        function.disableBusMastering();
        claim.close();
    }

    private long configPa(int offset, int width) {
        if (offset < 0 || offset % width != 0 || offset > configLength() - width) {
            throw new IndexOutOfBoundsException("%s: configuration offset %d, width %d, of %d bytes"
                    .formatted(function.name(), offset, width, configLength()));
        }
        return device.pa() + offset;
    }
}
