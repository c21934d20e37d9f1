package dev.postern.platform;

import dev.postern.facts.Fact;
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
 */
public record DetectedPlatform(
        String name,
        List<Fact<String>> trace,
        Optional<PageSharing> sharing,
        Optional<Fact<PhysRange>> restrictedPool) {

    /** Copies the list. */
    public DetectedPlatform {
        trace = List.copyOf(trace);
    }

    /** Whether devices are kept from the guest's memory unless it is shared. */
    public boolean secure() {
        return sharing.isPresent();
    }
}
