package dev.postern.firmware.devicetree;

import dev.postern.memory.PhysRange;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A device tree, checked as a whole and immutable. */
public final class DeviceTree {

    private static final long NO_PHANDLE = 0xffff_ffffL;

    private final DeviceTreeNode root;
    private final List<PhysRange> reserved;
    private final Map<Long, DeviceTreeNode> byPhandle = new HashMap<>();

    private DeviceTree(DeviceTreeNode root, List<PhysRange> reserved) {
        this.root = root;
        this.reserved = reserved;
        root.all().forEach(this::enter);
    }

    /**
     * Reads a flattened device tree.
     *
     * @param blob the tree; bytes behind its own total size are ignored. It is copied first
     * @throws DeviceTreeException when it is malformed; the message says where
     */
    public static DeviceTree read(byte[] blob) {
        FlattenedTree flattened = new FlattenedTree(blob.clone());
        return new DeviceTree(flattened.root(), flattened.reserved());
    }

    /** The root. */
    public DeviceTreeNode root() {
        return root;
    }

    /** The memory reservation block: ranges that must not be handed out, whatever else the tree says of them. */
    public List<PhysRange> reserved() {
        return reserved;
    }

    /**
     * The node at a path of exact names.
     *
     * @param path begins with a slash
     */
    public Optional<DeviceTreeNode> node(String path) {
        Optional<DeviceTreeNode> found = Optional.of(root);
        for (String name : path.split("/")) {
            if (!name.isEmpty()) {
                found = found.flatMap(node -> node.child(name));
            }
        }
        return found;
    }

    /** The node that a phandle means. */
    public Optional<DeviceTreeNode> node(long phandle) {
        return Optional.ofNullable(byPhandle.get(phandle));
    }

    private void enter(DeviceTreeNode node) {
        node.property(DeviceTreeNode.PHANDLE).ifPresent(property -> {
            long phandle = property.u32();
            if (phandle == 0 || phandle == NO_PHANDLE) {
                throw property.malformed("is 0x%x, which no node may have".formatted(phandle));
            }
            DeviceTreeNode other = byPhandle.putIfAbsent(phandle, node);
            if (other != null) {
                throw property.malformed("is 0x%x, which %s has already".formatted(phandle, other));
            }
        });
    }
}
