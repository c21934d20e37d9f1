package dev.postern.firmware.devicetree;

import dev.postern.memory.PhysRange;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reserved memory through which all DMA of some devices must go: a child of {@code /reserved-memory} that is compatible with
 * {@code restricted-dma-pool}, and the nodes whose {@code memory-region} names it first (Linux,
 * Documentation/devicetree/bindings/reserved-memory/shared-dma-pool.yaml; drivers/of/device.c, of_dma_set_restricted_buffer;
 * kernel/dma/swiotlb.c, rmem_swiotlb_setup, which turns down {@code reusable} and {@code no-map}).
 *
 * @param path the node
 * @param range where the memory is; empty when only its size is said and the guest may place it
 * @param devices paths of the nodes that are bound to it; none when nobody uses it
 */
public record RestrictedDmaPool(String path, Optional<PhysRange> range, List<String> devices) {

    private static final String RESERVED_MEMORY = "/reserved-memory";
    private static final String MODEL = "restricted-dma-pool";

    /** Keeps its own copy of the list. */
    public RestrictedDmaPool {
        devices = List.copyOf(devices);
    }

    /**
     * The pools of a tree, in its order.
     *
     * @throws DeviceTreeException when a pool cannot be understood, or {@code memory-region} names what is not there
     */
    public static List<RestrictedDmaPool> in(DeviceTree tree) {
        Optional<DeviceTreeNode> parent = tree.node(RESERVED_MEMORY);
        if (parent.isEmpty()) {
            return List.of();
        }
        Map<String, List<String>> devices = devicesByPool(tree);
        List<RestrictedDmaPool> pools = new ArrayList<>();
        for (DeviceTreeNode node : parent.get().children()) {
            if (isPool(node)) {
                pools.add(new RestrictedDmaPool(
                        node.path(),
                        range(node, parent.get(), tree.root()),
                        devices.getOrDefault(node.path(), List.of())));
            }
        }
        return List.copyOf(pools);
    }

    private static boolean isPool(DeviceTreeNode node) {
        return node.isCompatible(MODEL) && node.enabled() && !node.has("reusable") && !node.has("no-map");
    }

    private static Optional<PhysRange> range(DeviceTreeNode node, DeviceTreeNode parent, DeviceTreeNode root) {
        if (!node.has("reg")) {
            return Optional.empty();
        }
        // Only then are the addresses below those of the CPU, without translation (Devicetree Specification 0.4, 3.5).
        if (!parent.has("ranges")
                || parent.property("ranges").get().length() != 0
                || parent.addressCells() != root.addressCells()
                || parent.sizeCells() != root.sizeCells()) {
            throw new DeviceTreeException(
                    "device tree, %s: it needs empty ranges and the cell counts of the root".formatted(parent));
        }
        List<AddressRange> reg = AddressRange.reg(node, parent);
        if (reg.size() != 1) {
            throw new DeviceTreeException(
                    "device tree, %s: reg has %d entries, a pool has one".formatted(node, reg.size()));
        }
        AddressRange only = reg.getFirst();
        long base = only.childAddress();
        if (base < 0 || only.length() <= 0 || base > Long.MAX_VALUE - only.length()) {
            throw new DeviceTreeException(
                    "device tree, %s: 0x%x, length 0x%x, is no range of memory".formatted(node, base, only.length()));
        }
        return Optional.of(new PhysRange(base, only.length()));
    }

    private static Map<String, List<String>> devicesByPool(DeviceTree tree) {
        Map<String, List<String>> devices = new HashMap<>();
        tree.root()
                .all()
                .forEach(device -> firstPool(device, tree)
                        .ifPresent(pool -> devices.computeIfAbsent(pool.path(), path -> new ArrayList<>())
                                .add(device.path())));
        return devices;
    }

    /** A device may name other memory beside; the first pool among it counts. */
    private static Optional<DeviceTreeNode> firstPool(DeviceTreeNode device, DeviceTree tree) {
        DeviceTreeProperty regions = device.properties().get("memory-region");
        if (regions == null) {
            return Optional.empty();
        }
        for (long phandle : regions.cells()) {
            DeviceTreeNode region = tree.node(phandle)
                    .orElseThrow(() -> regions.malformed("names 0x%x, which no node has".formatted(phandle)));
            if (isPool(region)) {
                return Optional.of(region);
            }
        }
        return Optional.empty();
    }
}
