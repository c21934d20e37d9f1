package dev.postern.topology;

import dev.postern.facts.Fact;
import dev.postern.memory.PhysRange;
import java.util.List;
import java.util.Optional;

/**
 * What firmware says about one device's way to memory; what it does not say is empty. Nothing of it is to be relied on before the
 * decision has weighed it.
 *
 * @param dmaRanges how the buses above it show RAM to it, ascending
 * @param snooped whether the interconnect snoops what it does
 * @param restrictedPool the only memory that it is to use
 * @param iommuNode the {@code compatible} string of what stands between it and memory
 * @param port whether the port above it leads outside the case
 */
public record DevicePath(
        Optional<Fact<List<DmaRange>>> dmaRanges,
        Optional<Fact<Boolean>> snooped,
        Optional<Fact<PhysRange>> restrictedPool,
        Optional<Fact<String>> iommuNode,
        Optional<Fact<PortKind>> port) {

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
