package dev.postern.emulated.virtio;

import dev.postern.emulated.board.RegisterBlock;
import dev.postern.emulated.board.Wakeups;
import dev.postern.emulated.dma.DmaPort;
import dev.postern.emulated.dma.DmaView;
import dev.postern.emulated.mischief.CapabilityOutsideBar;
import dev.postern.emulated.mischief.CyclicCapabilities;
import dev.postern.emulated.mischief.HugeBar;
import dev.postern.emulated.pci.Bar;
import dev.postern.emulated.pci.BarKind;
import dev.postern.emulated.pci.ExpressPort;
import dev.postern.emulated.pci.MsixTable;
import dev.postern.emulated.pci.PciFunction;
import dev.postern.emulated.pci.PciIdentity;

/**
 * A virtio device on the PCI bus, not transitional (virtio 1.4, Virtio Over PCI Bus). BAR 1 holds MSI-X; BAR 4, 64 bits
 * and prefetchable, holds the virtio structures, each in a page of its own.
 */
public final class VirtioPci extends PciFunction {

    private static final int RED_HAT_QUMRANET = 0x1af4;
    private static final int MSIX_BAR = 1;
    private static final int VIRTIO_BAR = 4;
    private static final int VIRTIO_BAR_SIZE = 0x8000;

    private static final int COMMON = 0x0000;
    private static final int CONFIG = 0x1000;
    private static final int ISR = 0x2000;
    private static final int NOTIFY = 0x3000;
    private static final int NOTIFY_MULTIPLIER = 4;

    private static final int CAP_COMMON = 1;
    private static final int CAP_NOTIFY = 2;
    private static final int CAP_ISR = 3;
    private static final int CAP_DEVICE = 4;
    private static final int CAP_PCI = 5;

    private static final int ISR_QUEUE = 1;
    private static final int ISR_CONFIG = 2;

    private final DmaPort port;
    private final VirtioDevice device;
    private final CommonStructure common;
    private final MsixTable msix;
    private final int msixCapability;
    private final int firstVirtioCapability;
    private final int accessCapability;
    private int isr;

    /**
     * A device that software has not touched yet.
     *
     * @param name for messages
     * @param type what it does
     * @param options what it offers and how it behaves
     * @param place how it is connected
     * @param view what its DMA reaches
     * @param board where it leaves work and notes
     * @param wakeups where its messages wake the CPU
     * @param addressBits how many low address bits its DMA drives, 1 to 64
     */
    public VirtioPci(
            String name,
            DeviceType type,
            VirtioDevice.Options options,
            Place place,
            DmaView view,
            VirtioDevice.Board board,
            Wakeups wakeups,
            int addressBits) {
        super(
                name,
                new PciIdentity(RED_HAT_QUMRANET, 0x1040 + type.deviceId(), type.classCode(), 1),
                place == Place.CONVENTIONAL_BUS ? Connection.CONVENTIONAL : Connection.EXPRESS);
        port = new DmaPort(this, view, board.journal(), wakeups, addressBits);
        device = new VirtioDevice(name, type, options, port, board);
        common = new CommonStructure(device);
        // One vector for each queue and one for the configuration, so that nothing has to be shared.
        msix = new MsixTable(type.queueCount() + 1, port);
        device.connect(new PciNotifier());
        config().set(0x2c, 2, RED_HAT_QUMRANET);
        config().set(0x2e, 2, 0x1100);
        useInterruptPin();
        HugeBar huge = options.script().first(HugeBar.class);
        addBar(MSIX_BAR, BarKind.MEMORY_32, MsixTable.BAR_SIZE, msix);
        addBar(
                VIRTIO_BAR,
                BarKind.MEMORY_64_PREFETCHABLE,
                huge == null ? VIRTIO_BAR_SIZE : huge.bytes(),
                new Structures());
        msixCapability = addMsix();
        long commonOffset = options.script().has(CapabilityOutsideBar.class) ? 0x7fff_0000L : COMMON;
        firstVirtioCapability = addVirtio(CAP_COMMON, 16, (int) commonOffset, CommonStructure.SIZE);
        int notify = addVirtio(CAP_NOTIFY, 20, NOTIFY, NOTIFY_MULTIPLIER * type.queueCount());
        config().set(notify + 16, 4, NOTIFY_MULTIPLIER);
        addVirtio(CAP_ISR, 16, ISR, 1);
        if (type.configSize() > 0) {
            addVirtio(CAP_DEVICE, 16, CONFIG, type.configSize());
        }
        accessCapability = addVirtio(CAP_PCI, 20, 0, 0);
        config().set(accessCapability + 4, 1, 0);
        config().allow(accessCapability + 4, 1, 0xff);
        config().allow(accessCapability + 8, 4, -1);
        config().allow(accessCapability + 12, 4, -1);
        config().allow(accessCapability + 16, 4, -1);
        int last = place == Place.EXPRESS_LINK ? addExpressCapability(ExpressPort.ENDPOINT) : accessCapability;
        if (options.script().has(CyclicCapabilities.class)) {
            config().set(last + 1, 1, msixCapability);
        }
    }

    /** Where a device can sit. */
    public enum Place {
        /** The root bus: PCI Express configuration space, no link. */
        ROOT_BUS,
        /** Below a root port. */
        EXPRESS_LINK,
        /** Behind a conventional bridge. */
        CONVENTIONAL_BUS
    }

    /** Its way to memory. */
    public DmaPort port() {
        return port;
    }

    /** The device itself. */
    public VirtioDevice device() {
        return device;
    }

    private int addMsix() {
        int offset = addCapability(0x11, 12);
        config().set(offset + 2, 2, msix.vectors() - 1);
        config().allow(offset + 2, 2, 0xc000);
        config().set(offset + 4, 4, MSIX_BAR);
        config().set(offset + 8, 4, 0x800 | MSIX_BAR);
        return offset;
    }

    private int addVirtio(int cfgType, int length, int offset, int size) {
        int at = addCapability(0x09, length);
        config().set(at + 2, 1, length);
        config().set(at + 3, 1, cfgType);
        config().set(at + 4, 1, VIRTIO_BAR);
        config().set(at + 8, 4, offset);
        config().set(at + 12, 4, size);
        return at;
    }

    // ---- configuration space

    @Override
    public int readConfig(int offset, int width) {
        if (inAccessData(offset)) {
            accessRead();
        }
        return super.readConfig(offset, width);
    }

    @Override
    public void writeConfig(int offset, int width, int value) {
        if (offset >= firstVirtioCapability && offset < accessCapability) {
            device.guestError("transport-pci:283", "write to a virtio capability, at offset 0x%x".formatted(offset));
        }
        super.writeConfig(offset, width, value);
        if (offset < msixCapability + 4 && offset + width > msixCapability + 2) {
            msix.control(config().get(msixCapability + 2, 2));
            updatePin();
        }
        if (inAccessData(offset)) {
            accessWrite();
        }
    }

    private boolean inAccessData(int offset) {
        return offset >= accessCapability + 16 && offset < accessCapability + 20;
    }

    private void accessRead() {
        RegisterBlock target = accessTarget();
        if (target != null) {
            int width = config().get(accessCapability + 12, 4);
            config().set(accessCapability + 16, width, (int) target.read(config().get(accessCapability + 8, 4), width));
        }
    }

    private void accessWrite() {
        RegisterBlock target = accessTarget();
        if (target != null) {
            int width = config().get(accessCapability + 12, 4);
            target.write(
                    config().get(accessCapability + 8, 4),
                    width,
                    config().get(accessCapability + 16, width) & 0xffff_ffffL);
        }
    }

    /** What the access capability points at (transport-pci:786, 791), or null when it points at nothing. */
    private RegisterBlock accessTarget() {
        long offset = config().get(accessCapability + 8, 4) & 0xffff_ffffL;
        int width = config().get(accessCapability + 12, 4);
        Bar bar = bar(config().get(accessCapability + 4, 1));
        if (width != 1 && width != 2 && width != 4 || bar == null || offset + width > VIRTIO_BAR_SIZE) {
            device.guestError(
                    "transport-pci:801",
                    "PCI configuration access to BAR %d, offset 0x%x, %d bytes"
                            .formatted(config().get(accessCapability + 4, 1), offset, width));
            return null;
        }
        if (offset % width != 0) {
            device.guestError(
                    "transport-pci:798", "PCI configuration access of %d bytes at 0x%x".formatted(width, offset));
            return null;
        }
        return bar.registers();
    }

    @Override
    protected void busReset() {
        msix.reset();
        config().set(msixCapability + 2, 2, msix.vectors() - 1);
        config().set(accessCapability + 4, 1, 0);
        config().set(accessCapability + 8, 4, 0);
        config().set(accessCapability + 12, 4, 0);
        config().set(accessCapability + 16, 4, 0);
        common.reset();
        device.reset();
        super.busReset();
    }

    // ---- interrupts

    private void updatePin() {
        if (isr != 0 && !msix.enabled()) {
            wantInterrupt();
        } else {
            dropInterrupt();
        }
    }

    /** Messages while MSI-X is on, else the pin and the ISR status. */
    private final class PciNotifier implements Notifier {

        @Override
        public void bufferUsed(int vector) {
            if (msix.enabled()) {
                msix.fire(vector);
                return;
            }
            isr |= ISR_QUEUE;
            updatePin();
        }

        @Override
        public void configChanged(int vector) {
            // This bit is set with MSI-X too (transport-pci:630).
            isr |= ISR_CONFIG;
            if (msix.enabled()) {
                msix.fire(vector);
            }
            updatePin();
        }

        @Override
        public int vectors() {
            return msix.vectors();
        }

        @Override
        public void reset() {
            isr = 0;
            updatePin();
        }
    }

    // ---- registers

    /** BAR 4. */
    private final class Structures implements RegisterBlock {

        @Override
        public long read(long offset, int width) {
            if (width == 8) {
                device.guestError("transport-pci:111", "a read of 8 bytes at 0x%x of BAR 4".formatted(offset));
                return read(offset, 4) & 0xffff_ffffL | read(offset + 4, 4) << 32;
            }
            if (offset < COMMON + CommonStructure.SIZE) {
                return common.read((int) offset, width);
            }
            int configSize = device.type().configSize();
            if (offset >= CONFIG && offset < CONFIG + configSize) {
                int at = (int) offset - CONFIG;
                if (device.type().configFieldWidth(at) != width) {
                    device.guestError(
                            "transport-pci:111",
                            "read of %d bytes at offset %d of the device configuration".formatted(width, at));
                }
                return device.readConfig(at, width);
            }
            if (offset == ISR) {
                if (width != 1) {
                    device.guestError("transport-pci:111", "read of %d bytes of the ISR status".formatted(width));
                }
                int value = isr;
                isr = 0;
                updatePin();
                return value;
            }
            return 0;
        }

        @Override
        public void write(long offset, int width, long value) {
            if (width == 8) {
                device.guestError("transport-pci:111", "a write of 8 bytes at 0x%x of BAR 4".formatted(offset));
                write(offset, 4, value & 0xffff_ffffL);
                write(offset + 4, 4, value >>> 32);
            } else if (offset < COMMON + CommonStructure.SIZE) {
                common.write((int) offset, width, (int) value);
            } else if (offset >= CONFIG && offset < CONFIG + device.type().configSize()) {
                writeDeviceConfig((int) offset - CONFIG);
            } else if (offset >= NOTIFY && offset < NOTIFY + NOTIFY_MULTIPLIER * device.queues().length) {
                notify((int) (offset - NOTIFY), width, (int) value);
            }
        }

        /** No device type here has a writable field. */
        private void writeDeviceConfig(int offset) {
            if (!device.featuresFixed()) {
                device.guestError("content:533b", "device configuration written before FEATURES_OK, offset " + offset);
            }
        }

        private void notify(int offset, int width, int value) {
            boolean data = device.negotiated(Feature.NOTIFICATION_DATA);
            if (width != (data ? 4 : 2)) {
                device.guestError(
                        data ? "transport-pci:1106" : "transport-pci:1103",
                        "a notification of %d bytes".formatted(width));
                return;
            }
            device.notified(offset / NOTIFY_MULTIPLIER, value);
        }
    }
}
