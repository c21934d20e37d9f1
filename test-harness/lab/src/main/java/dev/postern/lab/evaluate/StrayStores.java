package dev.postern.lab.evaluate;

import dev.postern.emulated.SharedPages;
import dev.postern.memory.PhysRange;
import java.util.ArrayList;
import java.util.List;

/** Looks where devices stored, as the machine has it: a store that brings the byte that was there, or that the CPU does not see, counts. */
final class StrayStores {

    private StrayStores() {}

    /**
     * Stores into memory that no request named, one line each.
     *
     * @param written where devices stored
     * @param canaries memory that no request names
     * @param buffers what requests name, with neighbours that they do not
     */
    static List<String> lines(List<SharedPages.Range> written, List<PhysRange> canaries, List<Buffer> buffers) {
        List<PhysRange> forbidden = new ArrayList<>(canaries);
        buffers.forEach(buffer -> forbidden.addAll(buffer.neighbours()));
        List<String> lines = new ArrayList<>();
        for (SharedPages.Range store : written) {
            PhysRange range = new PhysRange(store.basePa(), store.length());
            forbidden.stream()
                    .filter(range::overlaps)
                    .forEach(other -> lines.add(
                            "the device stored at %s, into %s, which no request named".formatted(range, other)));
        }
        return lines;
    }
}
