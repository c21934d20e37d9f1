package dev.postern.platform;

import dev.postern.facts.Fact;
import java.util.List;
import java.util.Optional;

/**
 * What the guest found out about the platform around it.
 *
 * @param name the preset's name: {@code plain}, {@code sev-snp}, {@code tdx}, {@code pseries-svm}
 * @param trace every raw fact that was read, in order, with what it says and where it was read
 * @param sharing how memory is shared with devices; empty when all memory is open to them
 */
public record DetectedPlatform(String name, List<Fact<String>> trace, Optional<PageSharing> sharing) {

    /** Copies the list. */
    public DetectedPlatform {
        trace = List.copyOf(trace);
    }

    /** Whether devices are kept from the guest's memory unless it is shared. */
    public boolean secure() {
        return sharing.isPresent();
    }
}
