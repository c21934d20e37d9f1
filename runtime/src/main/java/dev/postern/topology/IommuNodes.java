package dev.postern.topology;

import dev.postern.facts.Fact;
import dev.postern.firmware.devicetree.DeviceTree;
import dev.postern.firmware.devicetree.DeviceTreeNode;
import dev.postern.firmware.devicetree.DeviceTreeProperty;
import dev.postern.firmware.devicetree.PhandleArguments;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What stands between a PCI function and memory (Linux, Documentation/devicetree/bindings/pci/pci-iommu.txt and iommu/iommu.txt;
 * drivers/of/base.c, of_map_id; drivers/xen/grant-dma-ops.c, xen_dt_grant_init_backend_domid).
 *
 * <p>The host bridge's {@code iommu-map} is asked first, as Linux does: by the requester id, after {@code iommu-map-mask}. A function
 * that it does not list, or without a map, may have {@code iommus} in its own node, or in the host bridge's, whose accesses those of
 * its functions are. A node that is disabled stands nowhere.
 */
final class IommuNodes {

    private static final String MAP = "iommu-map";
    private static final String MASK = "iommu-map-mask";
    private static final String LIST = "iommus";
    private static final String CELLS = "#iommu-cells";
    private static final int MAP_ENTRY = 4;
    private static final long ALL_BITS = 0xffff_ffffL;

    private static final String GRANTS = "xen,grant-dma";
    /** This number and those above mean no ordinary domain (xen/include/public/xen.h, DOMID_FIRST_RESERVED). */
    private static final long FIRST_RESERVED_DOMAIN = 0x7ff0;

    private final DeviceTree tree;

    /**
     * What was found.
     *
     * @param name the first {@code compatible} string, and where it was read with the specifier's cells
     * @param grantDomain the domain that is granted pages, if the node means that
     */
    record Found(Fact<String> name, OptionalInt grantDomain) {}

    IommuNodes(DeviceTree tree) {
        this.tree = tree;
    }

    /**
     * Looks.
     *
     * @param host the host bridge
     * @param function the function's own node, if it has one
     * @param requesterId 16 bits
     * @throws dev.postern.firmware.devicetree.DeviceTreeException when a property cannot be understood
     */
    Optional<Found> of(DeviceTreeNode host, Optional<DeviceTreeNode> function, int requesterId) {
        return host.property(MAP)
                .flatMap(map -> mapped(host, map, requesterId))
                .or(() -> function.flatMap(this::listed))
                .or(() -> listed(host));
    }

    private Optional<Found> mapped(DeviceTreeNode host, DeviceTreeProperty map, int requesterId) {
        long[] cells = map.cells();
        if (cells.length == 0 || cells.length % MAP_ENTRY != 0) {
            throw map.malformed("has %d cells, not whole entries of %d".formatted(cells.length, MAP_ENTRY));
        }
        long mask = host.property(MASK).map(DeviceTreeProperty::u32).orElse(ALL_BITS);
        long id = requesterId & mask;
        for (int at = 0; at < cells.length; at += MAP_ENTRY) {
            long first = cells[at];
            if ((first & ~mask) != 0) {
                throw map.malformed("begins at 0x%x, of which %s 0x%x leaves out bits".formatted(first, MASK, mask));
            }
            if (id >= first && id - first < cells[at + 3]) {
                long phandle = cells[at + 1];
                DeviceTreeNode target = tree.node(phandle)
                        .orElseThrow(() -> map.malformed("names 0x%x, which no node has".formatted(phandle)));
                if (PhandleArguments.count(target, CELLS, map) != 1) {
                    throw map.malformed("names %s, whose %s is not 1".formatted(target, CELLS));
                }
                long specifier = cells[at + 2] + (id - first) & ALL_BITS;
                return found(
                        map,
                        new PhandleArguments(target, List.of(specifier)),
                        "%s of %s, requester id 0x%x".formatted(MAP, host, requesterId));
            }
        }
        return Optional.empty();
    }

    private Optional<Found> listed(DeviceTreeNode node) {
        List<PhandleArguments> entries = PhandleArguments.of(tree, node, LIST, CELLS);
        if (entries.isEmpty()) {
            return Optional.empty();
        }
        DeviceTreeProperty list = node.property(LIST).orElseThrow();
        PhandleArguments first = entries.getFirst();
        for (PhandleArguments entry : entries) {
            if (entry.target().enabled() != first.target().enabled()
                    || !name(list, entry.target()).equals(name(list, first.target()))) {
                throw list.malformed(
                        "names %s and %s, which are of different kinds".formatted(first.target(), entry.target()));
            }
        }
        return found(list, first, "%s of %s".formatted(LIST, node));
    }

    private static Optional<Found> found(DeviceTreeProperty by, PhandleArguments entry, String where) {
        DeviceTreeNode target = entry.target();
        String name = name(by, target);
        if (!target.enabled()) {
            return Optional.empty();
        }
        Fact<String> fact = Fact.of(
                name, "device tree, %s: %s, specifier %s".formatted(where, target, hexadecimal(entry.arguments())));
        return Optional.of(
                new Found(fact, target.isCompatible(GRANTS) ? OptionalInt.of(domain(by, entry)) : OptionalInt.empty()));
    }

    private static String name(DeviceTreeProperty by, DeviceTreeNode target) {
        return target.property("compatible")
                .orElseThrow(() -> by.malformed("names %s, which has no compatible".formatted(target)))
                .strings()
                .getFirst();
    }

    private static int domain(DeviceTreeProperty by, PhandleArguments entry) {
        if (entry.arguments().size() != 1 || entry.arguments().getFirst() >= FIRST_RESERVED_DOMAIN) {
            throw by.malformed("gives %s to %s, which takes one Xen domain, 0 to %d"
                    .formatted(hexadecimal(entry.arguments()), entry.target(), FIRST_RESERVED_DOMAIN - 1));
        }
        return entry.arguments().getFirst().intValue();
    }

    private static String hexadecimal(List<Long> cells) {
        return cells.stream().map("0x%x"::formatted).toList().toString();
    }
}
