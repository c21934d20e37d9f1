package dev.postern.virtio.transport.pci;

import dev.postern.bus.pci.PciClaim;
import dev.postern.bus.pci.PciFunction;
import dev.postern.interrupt.InterruptRouter;
import dev.postern.machine.RegisterSpace;
import dev.postern.virtio.FeatureSet;
import dev.postern.virtio.InterruptMode;
import dev.postern.virtio.ProbeRefusedException;
import dev.postern.virtio.queue.QueueAddresses;
import dev.postern.virtio.transport.DeviceSignals;
import dev.postern.virtio.transport.Transport;
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
    private final long[] notifyPas;
    private PciInterrupts interrupts = PciInterrupts.none();

    private PciTransport(
            PciFunction function, PciClaim claim, RegisterSpace registers, InterruptRouter router, int intxGsi)
            throws ProbeRefusedException {
        this.function = function;
        this.claim = claim;
        this.registers = registers;
        this.router = router;
        this.intxGsi = intxGsi;
        common = new CommonConfiguration(
                registers,
                VirtioStructure.require(function, VirtioStructure.Kind.COMMON).pa());
        notify = VirtioStructure.require(function, VirtioStructure.Kind.NOTIFY);
        notifyMultiplier = Integer.toUnsignedLong(function.read32(notify.capability() + NOTIFY_MULTIPLIER));
        isr = VirtioStructure.require(function, VirtioStructure.Kind.ISR);
        // Not every device type has a configuration of its own.
        device = VirtioStructure.find(function, VirtioStructure.Kind.DEVICE).orElse(new VirtioStructure(0, 0, 0));
        function.enableMemory();
        notifyPas = new long[common.queueCount()];
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
    public FeatureSet offeredFeatures() {
        return common.offeredFeatures();
    }

    @Override
    public void writeAcceptedFeatures(FeatureSet accepted) {
        common.writeAcceptedFeatures(accepted);
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
    public int maximumQueueSize(int queue) {
        if (queue >= notifyPas.length) {
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
        common.writeQueueSize(addresses.size());
        int vector = interrupts.queueVector(queue);
        if (vector != CommonConfiguration.NO_VECTOR && !common.mapQueueVector(vector)) {
            throw new ProbeRefusedException(
                    "%s: the device does not take vector %d for queue %d; try --irq polled or intx"
                            .formatted(function.name(), vector, queue));
        }
        common.writeQueueAddresses(addresses.descriptorDva(), addresses.driverDva(), addresses.deviceDva());
        long offset = common.queueNotifyOffset() * notifyMultiplier;
        if (offset > notify.length() - 2) {
            throw new ProbeRefusedException(
                    "%s: queue %d is notified at offset 0x%x, outside the notification structure of 0x%x bytes"
                            .formatted(function.name(), queue, offset, notify.length()));
        }
        if (offset % 2 != 0) {
            throw new ProbeRefusedException(
                    "%s: queue %d is notified at offset 0x%x, which is odd".formatted(function.name(), queue, offset));
        }
        notifyPas[queue] = notify.pa() + offset;
        // transport-pci:509: everything else before the enable.
        common.enableQueue();
    }

    @Override
    public void notifyQueue(int queue) {
        // transport-pci:1106: 16 bits wide, the queue's index.
        registers.write16(notifyPas[queue], queue);
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
