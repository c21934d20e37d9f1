package dev.postern.bus.pci;

import dev.postern.firmware.acpi.Mcfg;
import dev.postern.memory.PhysRange;
import java.util.List;
import java.util.Optional;

/**
 * The host bridge of the q35 chipset, as far as its firmware would set it up. Registers are those of Intel's 3 Series
 * Express Chipset datasheet, 5.1.
 */
final class Q35 {

    private static final int INTEL = 0x8086;
    private static final int HOST_BRIDGE = 0x29c0;
    private static final PciAddress ADDRESS = new PciAddress(0, 0, 0);

    private static final int PCIEXBAR = 0x60;
    private static final int PCIEXBAR_UPPER = 0x64;
    private static final int PCIEXBAR_ENABLE = 1;
    private static final int PCIEXBAR_SIZE_SHIFT = 1;

    /** Where firmware puts the window: below the low window of functions, above the RAM of a q35. */
    private static final long ECAM_PA = 0xb000_0000L;

    private Q35() {}

    static boolean is(ConfigSpace config) {
        return config.firstBus() == 0
                && config.read16(ADDRESS, ConfigRegister.VENDOR_ID) == INTEL
                && config.read16(ADDRESS, ConfigRegister.DEVICE_ID) == HOST_BRIDGE;
    }

    /** The ECAM window, enabled if it was not; empty if this is no q35, or if RAM is where the window would be. */
    static Optional<Mcfg.Segment> ecam(ConfigSpace ports, List<PhysRange> ram, List<String> warnings) {
        if (!is(ports)) {
            return Optional.empty();
        }
        Optional<Mcfg.Segment> enabled = enabled(ports);
        Mcfg.Segment window = enabled.orElse(new Mcfg.Segment(ECAM_PA, 0, 0, 0xff));
        PhysRange range = new PhysRange(window.windowPa(), window.windowBytes());
        if (ram.stream().anyMatch(range::overlaps)) {
            warnings.add("PCI: the ECAM window %s would overlap RAM; ports 0xcf8 and 0xcfc are used".formatted(range));
            return Optional.empty();
        }
        if (enabled.isEmpty()) {
            // Upper half first: the window must not appear at a mixture of two addresses.
            ports.write32(ADDRESS, PCIEXBAR_UPPER, (int) (ECAM_PA >>> 32));
            ports.write32(ADDRESS, PCIEXBAR, (int) ECAM_PA | PCIEXBAR_ENABLE);
        }
        return Optional.of(window);
    }

    /** The window that is on already; its size is coded as 256, 128 or 64 buses. */
    private static Optional<Mcfg.Segment> enabled(ConfigSpace ports) {
        int low = ports.read32(ADDRESS, PCIEXBAR);
        int size = low >>> PCIEXBAR_SIZE_SHIFT & 3;
        if ((low & PCIEXBAR_ENABLE) == 0 || size == 3) {
            return Optional.empty();
        }
        int buses = 256 >> size;
        long base = ((long) ports.read32(ADDRESS, PCIEXBAR_UPPER) << 32 | Integer.toUnsignedLong(low))
                & -((long) buses << 20);
        return base <= 0 ? Optional.empty() : Optional.of(new Mcfg.Segment(base, 0, 0, buses - 1));
    }
}
