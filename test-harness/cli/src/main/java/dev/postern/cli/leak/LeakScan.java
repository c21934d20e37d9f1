package dev.postern.cli.leak;

import java.util.List;

/**
 * What a search of the device side found.
 *
 * @param sightings where canaries were; none is the good answer
 * @param searched what was searched, a sentence each
 * @param trouble what contradicts the isolation of the guest, a sentence each; none is the good answer
 */
public record LeakScan(List<Sighting> sightings, List<String> searched, List<String> trouble) {

    /** Copies the lists. */
    public LeakScan {
        sightings = List.copyOf(sightings);
        searched = List.copyOf(searched);
        trouble = List.copyOf(trouble);
    }
}
