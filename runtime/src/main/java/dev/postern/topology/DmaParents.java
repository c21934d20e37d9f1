package dev.postern.topology;

import dev.postern.firmware.devicetree.DeviceTree;
import dev.postern.firmware.devicetree.DeviceTreeException;
import dev.postern.firmware.devicetree.DeviceTreeNode;
import dev.postern.firmware.devicetree.DeviceTreeProperty;
import dev.postern.firmware.devicetree.PhandleArguments;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The way from a node up to memory. Mostly it is the tree's; a node may name another for its DMA alone, in the entry of
 * {@code interconnects} that {@code interconnect-names} calls {@code dma-mem} (Linux, drivers/of/address.c, __of_get_dma_parent).
 * Immutable.
 */
final class DmaParents {

    private static final String DMA_NAME = "dma-mem";

    private final DeviceTree tree;
    private final Map<String, DeviceTreeNode> parents = new HashMap<>();

    DmaParents(DeviceTree tree) {
        this.tree = tree;
        tree.root().all().forEach(node -> node.children().forEach(child -> parents.put(child.path(), node)));
    }

    /** The node above in the tree; empty for the root. */
    Optional<DeviceTreeNode> parent(DeviceTreeNode node) {
        return Optional.ofNullable(parents.get(node.path()));
    }

    /**
     * A node and all above it on the way to memory, the root last.
     *
     * @throws DeviceTreeException when the way leads in a circle
     */
    List<DeviceTreeNode> upFrom(DeviceTreeNode node) {
        List<DeviceTreeNode> way = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        Optional<DeviceTreeNode> next = Optional.of(node);
        while (next.isPresent()) {
            if (!seen.add(next.get().path())) {
                throw new DeviceTreeException(
                        "device tree, property interconnects of %s: it leads DMA in a circle".formatted(next.get()));
            }
            way.add(next.get());
            next = dmaParent(next.get());
        }
        return List.copyOf(way);
    }

    private Optional<DeviceTreeNode> dmaParent(DeviceTreeNode node) {
        Optional<DeviceTreeProperty> names = node.property("interconnect-names");
        int index = names.map(found -> found.strings().indexOf(DMA_NAME)).orElse(-1);
        if (index < 0) {
            return parent(node);
        }
        List<PhandleArguments> entries = PhandleArguments.of(tree, node, "interconnects", "#interconnect-cells");
        if (index >= entries.size()) {
            throw names.orElseThrow()
                    .malformed("calls entry %d %s, interconnects has %d".formatted(index, DMA_NAME, entries.size()));
        }
        return Optional.of(entries.get(index).target());
    }
}
