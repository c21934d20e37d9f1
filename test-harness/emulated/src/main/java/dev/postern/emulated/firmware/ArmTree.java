package dev.postern.emulated.firmware;

import dev.postern.emulated.pci.HostBridge;
import dev.postern.machine.RamRegion;
import java.util.List;

/**
 * The device tree of an Arm guest: memory, how to call what is beneath the guest (PSCI), and the PCI host with enhanced
 * configuration space. Nothing in it describes interrupts.
 */
public final class ArmTree {

    private static final int POOL = 1;
    private static final long LARGEST_POOL = 64L << 20;
    private static final long PAGE = 4096;

    private static final int MEMORY_32 = 0x0200_0000;
    private static final int MEMORY_64 = 0x0300_0000;
    private static final long LOW_BARS = 0xc000_0000L;
    private static final long LOW_BARS_BYTES = 0xfec0_0000L - LOW_BARS;
    private static final long HIGH_BARS_BYTES = 64L << 30;
    private static final long GIBIBYTE = 1L << 30;

    private ArmTree() {}

    /** The tree of a realm, which calls its monitor by SMC. */
    public static byte[] realm(List<RamRegion> ram) {
        FlattenedTree tree = begin(ram, "smc");
        pciHost(tree, ram).close();
        return end(tree);
    }

    /**
     * The tree of a protected guest, which calls its hypervisor by HVC and finds a pool that all DMA of the PCI host must
     * pass through, as crosvm describes it (its aarch64/src/fdt.rs; Devicetree bindings, restricted-dma-pool). The pool is a
     * quarter of the low RAM, at its end, at most 64 MiB; it is private like all RAM until the guest shares it.
     */
    public static byte[] protectedGuest(List<RamRegion> ram) {
        FlattenedTree tree = begin(ram, "hvc");
        long low = ram.getFirst().size();
        long bytes = Math.min(low / 4 / PAGE * PAGE, LARGEST_POOL);
        // Not where the tables of ACPI are.
        long pa = (low - bytes >= AcpiTables.END ? low : AcpiTables.BASE) - bytes;
        tree.open("reserved-memory")
                .cells("#address-cells", 2)
                .cells("#size-cells", 2)
                .flag("ranges")
                .open("restricted_dma_reserved@%x".formatted(pa))
                .wide("reg", pa, bytes)
                .cells("phandle", POOL)
                .text("compatible", "restricted-dma-pool")
                .wide("size", bytes)
                .wide("alignment", PAGE)
                .close()
                .close();
        pciHost(tree, ram).cells("memory-region", POOL).close();
        return end(tree);
    }

    private static FlattenedTree begin(List<RamRegion> ram, String conduit) {
        FlattenedTree tree = new FlattenedTree()
                .open("")
                .cells("#address-cells", 2)
                .cells("#size-cells", 2)
                .text("compatible", "linux,dummy-virt");
        for (RamRegion region : ram) {
            tree.open("memory@%x".formatted(region.basePa()))
                    .text("device_type", "memory")
                    .wide("reg", region.basePa(), region.size())
                    .close();
        }
        return tree.open("psci")
                .text("compatible", "arm,psci-1.0")
                .text("method", conduit)
                .close();
    }

    /** The node is left open. */
    private static FlattenedTree pciHost(FlattenedTree tree, List<RamRegion> ram) {
        long ecam = HostBridge.ECAM_BASE;
        long high = (ram.getLast().endPa() / GIBIBYTE + 1) * GIBIBYTE;
        return tree.open("pci@%x".formatted(ecam))
                .text("compatible", "pci-host-ecam-generic")
                .text("device_type", "pci")
                .cells("#address-cells", 3)
                .cells("#size-cells", 2)
                .wide("reg", ecam, 256L << 20)
                .cells("bus-range", 0, 255)
                .cells("linux,pci-domain", 0)
                .flag("dma-coherent")
                .cells(
                        "ranges",
                        MEMORY_32,
                        (int) (LOW_BARS >>> 32),
                        (int) LOW_BARS,
                        (int) (LOW_BARS >>> 32),
                        (int) LOW_BARS,
                        (int) (LOW_BARS_BYTES >>> 32),
                        (int) LOW_BARS_BYTES,
                        MEMORY_64,
                        (int) (high >>> 32),
                        (int) high,
                        (int) (high >>> 32),
                        (int) high,
                        (int) (HIGH_BARS_BYTES >>> 32),
                        (int) HIGH_BARS_BYTES);
    }

    private static byte[] end(FlattenedTree tree) {
        return tree.close().bytes(AcpiTables.BASE, AcpiTables.END - AcpiTables.BASE);
    }
}
