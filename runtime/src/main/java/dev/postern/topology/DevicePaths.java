package dev.postern.topology;

import dev.postern.bus.pci.PciAddress;
import dev.postern.bus.pci.PciFunction;
import dev.postern.facts.Fact;
import dev.postern.firmware.devicetree.DeviceTree;
import dev.postern.firmware.devicetree.DeviceTreeException;
import dev.postern.firmware.devicetree.DeviceTreeNode;
import dev.postern.firmware.devicetree.RestrictedDmaPool;
import dev.postern.memory.PhysRange;
import dev.postern.topology.DevicePath.PortKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a device tree says about the way from PCI functions to memory, as Linux reads it:
 *
 * <ul>
 *   <li>{@code dma-ranges} from the host bridge's node up (drivers/pci/pci-driver.c, pci_dma_configure; {@code DmaRanges} has the rules
 *       for what is missing);
 *   <li>{@code dma-coherent} and {@code dma-noncoherent}, the nearest of them from the host bridge's node up (drivers/of/address.c,
 *       of_dma_is_coherent). What it means that neither is there depends on the architecture and is left to the caller;
 *   <li>{@code memory-region}: that of the function's node if it has one, else the host bridge's; a pool of it that has a place
 *       (drivers/of/device.c, of_dma_set_restricted_buffer);
 *   <li>{@code iommu-map} and {@code iommus} ({@code IommuNodes} has the order);
 *   <li>{@code external-facing} on a port above: whatever is anywhere below such a port is outside (drivers/pci/of.c,
 *       pci_set_bus_of_node; drivers/pci/probe.c, set_pcie_untrusted).
 * </ul>
 *
 * <p>The tree is not trusted: what cannot be understood is refused, never guessed. Immutable, so safe for use by several threads.
 */
public final class DevicePaths {

    private final PciHosts hosts;
    private final DmaParents parents;
    private final DmaRanges ranges;
    private final IommuNodes iommus;
    private final List<RestrictedDmaPool> pools;

    /**
     * Looks through a tree.
     *
     * @throws DeviceTreeException when its host bridges or its pools cannot be understood
     */
    public DevicePaths(DeviceTree tree) {
        hosts = new PciHosts(tree);
        parents = new DmaParents(tree);
        ranges = new DmaRanges(parents);
        iommus = new IommuNodes(tree);
        pools = RestrictedDmaPool.in(tree);
    }

    /**
     * The path of a function that was found on the bus.
     *
     * @throws DeviceTreeException when what the tree says of it cannot be understood; the message names node and property
     */
    public DevicePath of(PciFunction function) {
        return of(wayTo(function));
    }

    /** Whether the tree has a host bridge for a function: then it also says something by what it leaves out. */
    public boolean describes(PciFunction function) {
        return hosts.ofBus(wayTo(function).getFirst().bus()).isPresent();
    }

    private static List<PciAddress> wayTo(PciFunction function) {
        List<PciAddress> way = new ArrayList<>();
        for (Optional<PciFunction> at = Optional.of(function);
                at.isPresent();
                at = at.get().upstreamBridge()) {
            way.addFirst(at.get().address());
        }
        return way;
    }

    /**
     * The path of a function.
     *
     * @param way the bridges above it, the root port first, and the function itself last; at least one
     * @return {@link DevicePath#UNSAID} when the tree has no host bridge for it
     * @throws DeviceTreeException when what the tree says of it cannot be understood; the message names node and property
     */
    public DevicePath of(List<PciAddress> way) {
        if (way.isEmpty()) {
            throw new IllegalArgumentException("no PCI function on the way: give at least the function itself");
        }
        Optional<DeviceTreeNode> host = hosts.ofBus(way.getFirst().bus());
        return host.map(found -> below(found, way)).orElse(DevicePath.UNSAID);
    }

    private DevicePath below(DeviceTreeNode host, List<PciAddress> way) {
        List<Optional<DeviceTreeNode>> nodes = new ArrayList<>();
        Optional<DeviceTreeNode> bus = Optional.of(host);
        for (PciAddress step : way) {
            bus = bus.flatMap(above -> PciHosts.function(above, step.device(), step.function()));
            nodes.add(bus);
        }
        Optional<DeviceTreeNode> function = nodes.removeLast();
        Optional<IommuNodes.Found> iommu =
                iommus.of(host, function, way.getLast().requesterId());
        return new DevicePath(
                ranges.of(host),
                snooped(host),
                pool(function.filter(node -> node.has("memory-region")).orElse(host)),
                iommu.map(IommuNodes.Found::name),
                port(nodes),
                iommu.map(IommuNodes.Found::grantDomain).orElse(OptionalInt.empty()));
    }

    private Optional<Fact<Boolean>> snooped(DeviceTreeNode host) {
        for (DeviceTreeNode node : parents.upFrom(host)) {
            if (node.has("dma-coherent")) {
                return Optional.of(Fact.of(true, "device tree, dma-coherent of " + node));
            }
            if (node.has("dma-noncoherent")) {
                return Optional.of(Fact.of(false, "device tree, dma-noncoherent of " + node));
            }
        }
        return Optional.empty();
    }

    private Optional<Fact<PhysRange>> pool(DeviceTreeNode device) {
        return pools.stream()
                .filter(pool -> pool.devices().contains(device.path()))
                .findFirst()
                .flatMap(pool -> pool.range()
                        .map(range ->
                                Fact.of(range, "device tree, memory-region of %s: %s".formatted(device, pool.path()))));
    }

    /** A port that has a node is inside unless the node says otherwise; of one without a node nothing is known. */
    private static Optional<Fact<PortKind>> port(List<Optional<DeviceTreeNode>> ports) {
        for (Optional<DeviceTreeNode> port : ports) {
            if (port.filter(node -> node.has("external-facing")).isPresent()) {
                return Optional.of(
                        Fact.of(PortKind.EXTERNAL_FACING, "device tree, external-facing of " + port.orElseThrow()));
            }
        }
        if (ports.isEmpty() || ports.getLast().isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(Fact.of(
                PortKind.INTERNAL,
                "device tree, no external-facing of " + ports.getLast().orElseThrow()));
    }
}
