package dev.postern.platform;

import dev.postern.facts.Fact;
import dev.postern.machine.CpuFacts.Architecture;
import dev.postern.memory.PhysRange;
import java.util.List;
import java.util.Optional;

/**
 * What the guest found out about the platform around it.
 *
 * @param name the preset's name: {@code plain}, {@code sev}, {@code sev-es}, {@code sev-snp}, {@code hyperv-vtom}, {@code tdx},
 *     {@code cca}, {@code pkvm}, {@code pseries-svm}, {@code s390-pv}
 * @param trace every raw fact that was read, in order, with what it says and where it was read
 * @param sharing how memory is shared with devices; empty when all memory is open to them
 * @param restrictedPool the only memory that devices are to reach, where the device tree binds them to such a pool, and where it says
 *     so. On a secure platform it is also all that {@link PageSharing#shareable()} names
 * @param xen what kind of guest of Xen it is, if any
 * @param hypervisor what the hypervisor calls itself: its CPUID signature without the zero bytes behind it, or the first string of
 *     {@code compatible} of the device tree's node for it; empty when nothing says
 * @param architecture the instruction set; empty when the machine has no CPU facts
 * @param board the {@code compatible} strings of the device tree's root, the most particular first, with a blank between them; empty
 *     without a tree that says
 */
public record DetectedPlatform(
        String name,
        List<Fact<String>> trace,
        Optional<PageSharing> sharing,
        Optional<Fact<PhysRange>> restrictedPool,
        Fact<XenGuest> xen,
        Optional<Fact<String>> hypervisor,
        Optional<Fact<Architecture>> architecture,
        Optional<Fact<String>> board) {

    /** A platform of which nobody asked for the hypervisor, the architecture and the board. */
    public DetectedPlatform(
            String name,
            List<Fact<String>> trace,
            Optional<PageSharing> sharing,
            Optional<Fact<PhysRange>> restrictedPool) {
        this(
                name,
                trace,
                sharing,
                restrictedPool,
                Fact.of(XenGuest.NONE, "not asked"),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** Copies the list. */
    public DetectedPlatform {
        trace = List.copyOf(trace);
    }

    /** Whether devices are kept from the guest's memory unless it is shared. */
    public boolean secure() {
        return sharing.isPresent();
    }
}
