package dev.postern.cli.report;

import dev.postern.bus.pci.PciFunction;
import dev.postern.virtio.transport.pci.PciTransport;
import java.util.Map;
import java.util.OptionalInt;

/** What a PCI function is, in words: a virtio device by its type, anything else by its class code. */
final class FunctionName {

    /** Virtio device types (content, "Device Types"). */
    private static final Map<Integer, String> VIRTIO = Map.ofEntries(
            Map.entry(1, "network card"),
            Map.entry(2, "block device"),
            Map.entry(3, "console"),
            Map.entry(4, "entropy source"),
            Map.entry(5, "memory balloon"),
            Map.entry(8, "SCSI host"),
            Map.entry(9, "9P transport"),
            Map.entry(16, "GPU"),
            Map.entry(18, "input device"),
            Map.entry(19, "socket device"),
            Map.entry(23, "IOMMU"),
            Map.entry(24, "memory device"),
            Map.entry(26, "file system"));

    /** Base class and subclass (PCI Code and ID Assignment Specification). */
    private static final Map<Integer, String> CLASSES = Map.ofEntries(
            Map.entry(0x0100, "SCSI controller"),
            Map.entry(0x0101, "IDE controller"),
            Map.entry(0x0106, "SATA controller"),
            Map.entry(0x0108, "NVM controller"),
            Map.entry(0x0200, "Ethernet controller"),
            Map.entry(0x0300, "VGA controller"),
            Map.entry(0x0600, "host bridge"),
            Map.entry(0x0601, "ISA bridge"),
            Map.entry(0x0604, "PCI bridge"),
            Map.entry(0x0c03, "USB controller"),
            Map.entry(0x0c05, "SMBus controller"));

    private FunctionName() {}

    static String of(PciFunction function) {
        OptionalInt type = PciTransport.deviceType(function);
        if (type.isPresent()) {
            return "virtio " + VIRTIO.getOrDefault(type.getAsInt(), "device of type " + type.getAsInt());
        }
        int code = function.classCode() >>> 8;
        return CLASSES.getOrDefault(code, "class %04x".formatted(code));
    }
}
