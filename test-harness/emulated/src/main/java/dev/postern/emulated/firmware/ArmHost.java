package dev.postern.emulated.firmware;

import dev.postern.emulated.SharedPages.Range;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What the node of an Arm machine's PCI host says of the way to memory.
 *
 * @param snooping whether the interconnect snoops its devices: {@code dma-coherent}
 * @param pool the only memory for them: {@code memory-region} with a {@code restricted-dma-pool}
 * @param dmaRanges how the bus shows RAM to them; none for as it is
 * @param grantBackend the Xen domain whose back-ends they are; empty where there is no Xen
 */
public record ArmHost(Snooping snooping, Optional<Range> pool, List<BusRange> dmaRanges, OptionalInt grantBackend) {

    /** Devices are snooped, reach all of RAM, and see it as the CPU does. */
    public static final ArmHost PLAIN = new ArmHost(Snooping.SNOOPED, Optional.empty(), List.of(), OptionalInt.empty());

    /** Whether the CPU's caches hear of what devices do. */
    public enum Snooping {
        /** They do. */
        SNOOPED,
        /** They do not. */
        NOT_SNOOPED
    }

    /** The same, not snooped. */
    public ArmHost notSnooped() {
        return new ArmHost(Snooping.NOT_SNOOPED, pool, dmaRanges, grantBackend);
    }

    /** The same with a pool. */
    public ArmHost pool(Range range) {
        return new ArmHost(snooping, Optional.of(range), dmaRanges, grantBackend);
    }

    /** The same with ranges. */
    public ArmHost dmaRanges(List<BusRange> ranges) {
        return new ArmHost(snooping, pool, List.copyOf(ranges), grantBackend);
    }

    /** The same under Xen. */
    public ArmHost grantBackend(int domain) {
        return new ArmHost(snooping, pool, dmaRanges, OptionalInt.of(domain));
    }
}
