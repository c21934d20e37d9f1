package dev.postern.emulated.firmware;

import dev.postern.emulated.PortFacing;
import dev.postern.emulated.SharedPages.Range;
import dev.postern.emulated.pci.HostBridge;
import dev.postern.machine.RamRegion;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The device tree of an Arm machine: memory, how to call what is beneath the guest (PSCI), and the PCI host with enhanced
 * configuration space. Nothing in it describes interrupts. (Devicetree Specification 0.4; the bindings of Linux
 * Documentation/devicetree/bindings: pci/pci.txt for ports, pci/pci-iommu.txt, iommu/xen,grant-dma.yaml, arm/xen.txt, reserved-memory.)
 */
public final class ArmTree {

    private static final int POOL = 1;
    private static final int GRANTS = 2;
    private static final long LARGEST_POOL = 64L << 20;
    private static final long PAGE = 4096;

    private static final int MEMORY_32 = 0x0200_0000;
    private static final int MEMORY_64 = 0x0300_0000;
    private static final long LOW_BARS = 0xc000_0000L;
    private static final long LOW_BARS_BYTES = 0xfec0_0000L - LOW_BARS;
    private static final long HIGH_BARS_BYTES = 64L << 30;
    private static final long GIBIBYTE = 1L << 30;

    /** RAM that a Xen guest is advised to place its grant table in: as many pages as the table can have. */
    private static final Range XEN_GRANTS = new Range(0x4_0000, 64 * PAGE);

    private ArmTree() {}

    /** The tree of a realm, which calls its monitor by SMC. */
    public static byte[] realm(List<RamRegion> ram) {
        FlattenedTree tree = begin(ram, "smc");
        pciHost(tree, ram).flag("dma-coherent").close();
        return end(tree);
    }

    /**
     * The tree of an Arm machine, virtual or not, whose memory nobody keeps from the host.
     *
     * @param ports the root ports, each of which gets a node
     */
    public static byte[] machine(List<RamRegion> ram, ArmHost host, List<PortNode> ports) {
        FlattenedTree tree = begin(ram, "hvc");
        host.pool().ifPresent(pool -> reservedPool(tree, pool));
        if (host.grantBackend().isPresent()) {
            tree.open("hypervisor")
                    .texts("compatible", "xen,xen-4.19", "xen,xen")
                    .wide("reg", XEN_GRANTS.basePa(), XEN_GRANTS.length())
                    .close()
                    .open("xen-grant-dma")
                    .text("compatible", "xen,grant-dma")
                    .cells("#iommu-cells", 1)
                    .cells("phandle", GRANTS)
                    .close();
        }
        pciHost(tree, ram);
        if (host.snooping() == ArmHost.Snooping.SNOOPED) {
            tree.flag("dma-coherent");
        }
        if (host.pool().isPresent()) {
            tree.cells("memory-region", POOL);
        }
        if (!host.dmaRanges().isEmpty()) {
            tree.cells(
                    "dma-ranges",
                    host.dmaRanges().stream().flatMapToInt(ArmTree::dmaRange).toArray());
        }
        // The mask takes every bit of the requester's number away: one back-end serves all, however the guest numbers
        // its buses.
        host.grantBackend()
                .ifPresent(domain -> tree.cells("iommu-map-mask", 0).cells("iommu-map", 0, GRANTS, domain, 1));
        ports.forEach(port -> port(tree, port));
        tree.close();
        return host.grantBackend().isPresent() ? end(tree, XEN_GRANTS) : end(tree);
    }

    /** Seven cells: three of the bus's address, two of the CPU's, two of the size. */
    private static IntStream dmaRange(BusRange range) {
        return IntStream.of(
                MEMORY_64,
                (int) (range.bus() >>> 32),
                (int) range.bus(),
                (int) (range.pa() >>> 32),
                (int) range.pa(),
                (int) (range.size() >>> 32),
                (int) range.size());
    }

    /** The bus of a root port is 0 here; behind it, firmware has given no numbers yet, and the cell holds none. */
    private static void port(FlattenedTree tree, PortNode port) {
        tree.open("pcie@%x,0".formatted(port.slot()))
                .text("device_type", "pci")
                .cells("reg", port.slot() << 3 << 8, 0, 0, 0, 0)
                .cells("#address-cells", 3)
                .cells("#size-cells", 2)
                .flag("ranges");
        if (port.facing() == PortFacing.EXTERNAL) {
            tree.flag("external-facing");
        }
        port.below().forEach(below -> port(tree, below));
        tree.close();
    }

    /**
     * The tree of a protected guest, which calls its hypervisor by HVC and finds a pool that all DMA of the PCI host must
     * pass through, as crosvm describes it (its aarch64/src/fdt.rs; Devicetree bindings, restricted-dma-pool). The pool is
     * private like all RAM until the guest shares it.
     */
    public static byte[] protectedGuest(List<RamRegion> ram) {
        FlattenedTree tree = begin(ram, "hvc");
        reservedPool(tree, pool(ram));
        pciHost(tree, ram).flag("dma-coherent").cells("memory-region", POOL).close();
        return end(tree);
    }

    /** Where a pool for all DMA lies: a quarter of the low RAM, at its end, at most 64 MiB. */
    public static Range pool(List<RamRegion> ram) {
        long low = ram.getFirst().size();
        long bytes = Math.min(low / 4 / PAGE * PAGE, LARGEST_POOL);
        // Not where the tables of ACPI are.
        return new Range((low - bytes >= AcpiTables.END ? low : AcpiTables.BASE) - bytes, bytes);
    }

    private static void reservedPool(FlattenedTree tree, Range pool) {
        tree.open("reserved-memory")
                .cells("#address-cells", 2)
                .cells("#size-cells", 2)
                .flag("ranges")
                .open("restricted_dma_reserved@%x".formatted(pool.basePa()))
                .wide("reg", pool.basePa(), pool.length())
                .cells("phandle", POOL)
                .text("compatible", "restricted-dma-pool")
                .wide("size", pool.length())
                .wide("alignment", PAGE)
                .close()
                .close();
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

    private static byte[] end(FlattenedTree tree, Range... alsoReserved) {
        List<Range> reserved = new ArrayList<>(List.of(alsoReserved));
        reserved.add(new Range(AcpiTables.BASE, AcpiTables.END - AcpiTables.BASE));
        return tree.close().bytes(reserved);
    }
}
