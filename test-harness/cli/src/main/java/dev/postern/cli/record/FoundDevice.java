package dev.postern.cli.record;

import java.util.List;

/**
 * A virtio device that the system shows.
 *
 * @param name what the system calls it, such as {@code virtio0}
 * @param facts what it shows of it
 * @param unknown what cannot be known and why, in one line each
 */
record FoundDevice(String name, List<FoundFact> facts, List<String> unknown) {

    /** Copies the lists. */
    FoundDevice {
        facts = List.copyOf(facts);
        unknown = List.copyOf(unknown);
    }
}
