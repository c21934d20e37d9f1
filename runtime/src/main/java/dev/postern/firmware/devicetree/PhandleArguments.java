package dev.postern.firmware.devicetree;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/**
 * One entry of a property that names nodes with arguments, such as {@code iommus}: a phandle, and as many cells as that node says behind
 * it (Devicetree Specification 0.4, 2.4.1 in general; Linux, drivers/of/base.c, of_parse_phandle_with_args).
 *
 * @param target the node that is named
 * @param arguments the cells behind its phandle, each unsigned
 */
public record PhandleArguments(DeviceTreeNode target, List<Long> arguments) {

    /** More than any binding has. */
    private static final int MOST_ARGUMENTS = 16;
    /** More entries than any device names. */
    private static final int MOST_ENTRIES = 1024;

    /** Keeps its own copy. */
    public PhandleArguments {
        arguments = List.copyOf(arguments);
    }

    /**
     * The entries of a property, in order; none where it is missing or empty.
     *
     * @param property its name
     * @param cells the property of the named node that says how many arguments there are
     * @throws DeviceTreeException when a node is not there, does not say how many, or the property ends inside an entry
     */
    public static List<PhandleArguments> of(DeviceTree tree, DeviceTreeNode node, String property, String cells) {
        return node.property(property).map(found -> entries(tree, found, cells)).orElse(List.of());
    }

    /**
     * How many arguments follow a node's phandle.
     *
     * @param cells the property that says so
     * @param by the property that names the node, for the message
     * @throws DeviceTreeException when the node does not say
     */
    public static int count(DeviceTreeNode target, String cells, DeviceTreeProperty by) {
        DeviceTreeProperty said = target.property(cells)
                .orElseThrow(() -> by.malformed("names %s, which has no %s".formatted(target, cells)));
        long count = said.u32();
        if (count > MOST_ARGUMENTS) {
            throw said.malformed("says %d cells; at most %d can be read".formatted(count, MOST_ARGUMENTS));
        }
        return (int) count;
    }

    private static List<PhandleArguments> entries(DeviceTree tree, DeviceTreeProperty property, String cellsProperty) {
        long[] cells = property.cells();
        List<PhandleArguments> entries = new ArrayList<>();
        int at = 0;
        while (at < cells.length) {
            long phandle = cells[at];
            DeviceTreeNode target = tree.node(phandle)
                    .orElseThrow(() -> property.malformed("names 0x%x, which no node has".formatted(phandle)));
            int count = count(target, cellsProperty, property);
            int end = at + 1 + count;
            if (end > cells.length) {
                throw property.malformed("ends inside the %d cells for %s".formatted(count, target));
            }
            if (entries.size() == MOST_ENTRIES) {
                throw property.malformed("has more than %d entries".formatted(MOST_ENTRIES));
            }
            entries.add(new PhandleArguments(
                    target,
                    LongStream.of(Arrays.copyOfRange(cells, at + 1, end))
                            .boxed()
                            .toList()));
            at = end;
        }
        return List.copyOf(entries);
    }
}
