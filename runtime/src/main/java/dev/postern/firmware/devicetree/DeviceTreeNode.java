package dev.postern.firmware.devicetree;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A node of the tree. Immutable.
 *
 * @param path its names from the root, such as {@code /reserved-memory/pool@80000000}; {@code /} for the root
 * @param name its name with the unit address, if it has one; empty for the root
 * @param properties by name, in the order of the blob
 * @param children in the order of the blob
 */
public record DeviceTreeNode(
        String path, String name, Map<String, DeviceTreeProperty> properties, List<DeviceTreeNode> children) {

    /** The property that numbers a node, for others to refer to (2.3.3). */
    static final String PHANDLE = "phandle";

    private static final String ADDRESS_CELLS = "#address-cells";
    private static final String SIZE_CELLS = "#size-cells";
    private static final int DEFAULT_ADDRESS_CELLS = 2;
    private static final int DEFAULT_SIZE_CELLS = 1;
    private static final int MOST_ADDRESS_CELLS = 3;
    private static final int MOST_SIZE_CELLS = 2;

    /** Keeps its own copies. */
    public DeviceTreeNode {
        properties = Collections.unmodifiableMap(new LinkedHashMap<>(properties));
        children = List.copyOf(children);
    }

    /** The property of that name, if the node has one. */
    public Optional<DeviceTreeProperty> property(String wanted) {
        return Optional.ofNullable(properties.get(wanted));
    }

    /** Whether the node has a property of that name, be it empty. */
    public boolean has(String wanted) {
        return properties.containsKey(wanted);
    }

    /** The child of exactly that name, unit address included. */
    public Optional<DeviceTreeNode> child(String wanted) {
        return children.stream().filter(child -> child.name.equals(wanted)).findFirst();
    }

    /** Whether {@code compatible} lists that model. */
    public boolean isCompatible(String model) {
        return property("compatible")
                .filter(compatible -> compatible.strings().contains(model))
                .isPresent();
    }

    /** Whether the node is to be used: {@code status} is missing or says so (2.3.4). */
    public boolean enabled() {
        return property("status")
                .map(DeviceTreeProperty::string)
                .filter(status -> !status.equals("okay") && !status.equals("ok"))
                .isEmpty();
    }

    /** This node and all below it, parents first. */
    public Stream<DeviceTreeNode> all() {
        return Stream.concat(Stream.of(this), children.stream().flatMap(DeviceTreeNode::all));
    }

    /**
     * How many cells an address has in {@code reg} and on the child's side of {@code ranges} of the nodes below: 0 to 3; 2 when nothing
     * is said.
     */
    public int addressCells() {
        return cellCount(ADDRESS_CELLS, DEFAULT_ADDRESS_CELLS, MOST_ADDRESS_CELLS);
    }

    /** How many cells a length has in {@code reg} of the nodes below: 0 to 2; 1 when nothing is said. */
    public int sizeCells() {
        return cellCount(SIZE_CELLS, DEFAULT_SIZE_CELLS, MOST_SIZE_CELLS);
    }

    private int cellCount(String wanted, int otherwise, int most) {
        DeviceTreeProperty property = properties.get(wanted);
        if (property == null) {
            return otherwise;
        }
        long count = property.u32();
        if (count > most) {
            throw property.malformed("says %d cells; at most %d can be read".formatted(count, most));
        }
        return (int) count;
    }

    @Override
    public String toString() {
        return path;
    }
}
