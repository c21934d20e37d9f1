package dev.postern.topology;

import dev.postern.firmware.devicetree.DeviceTree;
import dev.postern.firmware.devicetree.DeviceTreeException;
import dev.postern.firmware.devicetree.DeviceTreeNode;
import dev.postern.firmware.devicetree.DeviceTreeProperty;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The PCI host bridges of a tree, and the nodes below them. A host bridge is the topmost enabled node that is a PCI bus (IEEE 1275 PCI
 * bus binding; Linux, drivers/of/address.c, of_bus_pci_match; Documentation/devicetree/bindings/pci/host-generic-pci.yaml). Immutable.
 */
final class PciHosts {

    private static final String DOMAIN = "linux,pci-domain";
    private static final int HIGHEST_BUS = 255;
    /** {@code reg} of a function has three cells for its address and two for a length, as often as it likes. */
    private static final int REG_CELLS = 5;

    private final List<DeviceTreeNode> hosts = new ArrayList<>();

    PciHosts(DeviceTree tree) {
        collect(tree.root());
    }

    /** Whether addresses below a node are those of PCI. */
    static boolean isPci(DeviceTreeNode node) {
        return node.isCompatible("pci-host-ecam-generic")
                || node.property("device_type")
                        .map(DeviceTreeProperty::string)
                        .filter(type -> type.equals("pci") || type.equals("pciex"))
                        .isPresent();
    }

    /**
     * The host bridge of the guest's bus: the one whose {@code bus-range} has that bus and, of several, the one of domain 0.
     *
     * @return empty when the tree has none
     * @throws DeviceTreeException when it cannot be told which of several it is
     */
    Optional<DeviceTreeNode> ofBus(int bus) {
        List<DeviceTreeNode> fitting =
                hosts.stream().filter(host -> hasBus(host, bus)).toList();
        if (fitting.size() <= 1) {
            return fitting.stream().findFirst();
        }
        List<DeviceTreeNode> first = fitting.stream()
                .filter(host -> host.property(DOMAIN)
                        .filter(domain -> domain.u32() == 0)
                        .isPresent())
                .toList();
        if (first.size() != 1) {
            throw new DeviceTreeException(
                    "device tree, %s and %s: both have PCI bus %d, and not just one is of domain 0; give each its %s"
                            .formatted(fitting.get(0), fitting.get(1), bus, DOMAIN));
        }
        return Optional.of(first.getFirst());
    }

    /**
     * The node of a function on a bus.
     *
     * @param bus the host bridge, or the bridge above the function
     * @param device its number there, 0 to 31
     * @param function its number in the device, 0 to 7
     * @throws DeviceTreeException when two nodes claim to be it
     */
    static Optional<DeviceTreeNode> function(DeviceTreeNode bus, int device, int function) {
        List<DeviceTreeNode> found = bus.children().stream()
                .filter(child -> place(child) == (device << 3 | function))
                .toList();
        if (found.size() > 1) {
            throw new DeviceTreeException("device tree, %s and %s: both are PCI function %02x.%x"
                    .formatted(found.get(0), found.get(1), device, function));
        }
        return found.stream().findFirst();
    }

    /** Device and function in one number, from the first cell of {@code reg}; -1 for a node that is no function. */
    private static int place(DeviceTreeNode node) {
        Optional<DeviceTreeProperty> reg = node.property("reg");
        if (reg.isEmpty()) {
            return -1;
        }
        long[] cells = reg.get().cells();
        if (cells.length == 0 || cells.length % REG_CELLS != 0) {
            throw reg.get().malformed("has %d cells, not whole entries of %d".formatted(cells.length, REG_CELLS));
        }
        return (int) (cells[0] >>> 8 & 0xff);
    }

    private void collect(DeviceTreeNode node) {
        if (isPci(node)) {
            if (node.enabled()) {
                hosts.add(node);
            }
            return;
        }
        node.children().forEach(this::collect);
    }

    private static boolean hasBus(DeviceTreeNode host, int bus) {
        Optional<DeviceTreeProperty> range = host.property("bus-range");
        if (range.isEmpty()) {
            return true;
        }
        long[] cells = range.get().cells();
        if (cells.length != 2 || cells[0] > cells[1] || cells[1] > HIGHEST_BUS) {
            throw range.get().malformed("is not the first and the last bus, 0 to %d".formatted(HIGHEST_BUS));
        }
        return bus >= cells[0] && bus <= cells[1];
    }
}
