package dev.postern.lab;

import static org.junit.jupiter.api.Assertions.*;

import dev.postern.bus.pci.PciCapability;
import dev.postern.bus.pci.PciFunction;
import dev.postern.virtio.InterruptMode;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The emulated machine's PCI devices beside QEMU's: what a guest can see of both is the same where a driver relies on it. */
@Timeout(120)
class PciStructureTest {

    private static final int ENTROPY = 0x1044;
    private static final int DEVICE_CONFIGURATION = 4;

    @TempDir
    Path folder;

    /** What a driver relies on, of one virtio function. */
    record Seen(int vendor, int device, int classCode, int interruptPin, int headerType, Set<String> structures) {}

    @Test
    void aVirtioFunctionLooksToADriverAsQemusDoes() throws Exception {
        Path image = Images.random(folder, "image", 8 * Images.SECTOR);
        assertEquals(seen(MachineKind.QEMU_Q35, image), seen(MachineKind.EMULATED, image));
    }

    private static List<Seen> seen(MachineKind kind, Path image) throws Exception {
        Setting setting = new Setting(kind, InterruptMode.POLLED, ContextKind.AUDITED);
        try (Trial trial = Trial.boot(
                setting,
                new LabDevice.Disk("d0", image, DiskAccess.READ_ONLY),
                new LabDevice.Rng("r0"),
                new LabDevice.RootPort("rp0"),
                new LabDevice.Rng("r1", "rp0"))) {
            return RawVirtio.of(trial).stream()
                    .map(RawVirtio::function)
                    .map(PciStructureTest::seen)
                    .toList();
        }
    }

    private static Seen seen(PciFunction function) {
        Set<String> structures = new HashSet<>();
        for (PciCapability capability : function.capabilities()) {
            int at = capability.offset();
            if (capability.id() == PciCapability.VENDOR_SPECIFIC) {
                if (function.deviceId() == ENTROPY && function.read8(at + 3) == DEVICE_CONFIGURATION) {
                    // An entropy device has no configuration, so it need not show any; QEMU's shows some all the same.
                    continue;
                }
                structures.add("virtio structure %d of %d bytes in BAR %d, prefetchable %s"
                        .formatted(
                                function.read8(at + 3),
                                function.read8(at + 2),
                                function.read8(at + 4),
                                function.bar(function.read8(at + 4)).map(bar -> bar.kind())));
            } else if (capability.id() == 0x11) {
                structures.add("MSI-X of %d vectors".formatted((function.read16(at + 2) & 0x7ff) + 1));
            }
        }
        return new Seen(
                function.vendorId(),
                function.deviceId(),
                function.classCode(),
                function.interruptPin(),
                function.read8(0x0e),
                structures);
    }
}
