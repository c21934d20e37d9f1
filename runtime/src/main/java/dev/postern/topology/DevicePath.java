package dev.postern.topology;

import dev.postern.facts.Fact;
import dev.postern.memory.PhysRange;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What firmware says about one device's way to memory; what it does not say is empty. Nothing of it is to be relied on before the
 * decision has weighed it.
 *
 * @param dmaRanges how the buses above it show RAM to it, in ascending order of {@link DmaRange#pa()}; empty when its addresses are those
 *     of RAM. Two ranges may show the same RAM at different places
 * @param snooped whether the interconnect snoops what it does
 * @param restrictedPool the only memory that it is to use
 * @param iommuNode the first {@code compatible} string of what stands between it and memory
 * @param port whether the port above it leads outside the case
 * @param grantDomain the Xen domain of its back-end, 0 to 32751, where it takes grants; only with {@code iommuNode}
 */
public record DevicePath(
        Optional<Fact<List<DmaRange>>> dmaRanges,
        Optional<Fact<Boolean>> snooped,
        Optional<Fact<PhysRange>> restrictedPool,
        Optional<Fact<String>> iommuNode,
        Optional<Fact<PortKind>> port,
        OptionalInt grantDomain) {

    /** A device that no Xen domain is said to stand behind. */
    public DevicePath(
            Optional<Fact<List<DmaRange>>> dmaRanges,
            Optional<Fact<Boolean>> snooped,
            Optional<Fact<PhysRange>> restrictedPool,
            Optional<Fact<String>> iommuNode,
            Optional<Fact<PortKind>> port) {
        this(dmaRanges, snooped, restrictedPool, iommuNode, port, OptionalInt.empty());
    }

    /** Firmware says nothing. */
    public static final DevicePath UNSAID =
            new DevicePath(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    /** Where the port above a device leads. */
    public enum PortKind {
        /** To a device inside the case. */
        INTERNAL,
        /** To a plug: nobody knows who puts what there. */
        EXTERNAL_FACING
    }
}
