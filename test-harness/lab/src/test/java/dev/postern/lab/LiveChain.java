package dev.postern.lab;

import java.util.List;

/**
 * A request where a device finds it.
 *
 * @param entries its descriptors in the ring itself
 * @param elements those of its buffers: the same, or those of the table that the one entry leads to
 */
record LiveChain(List<LiveDescriptor> entries, List<LiveDescriptor> elements) {

    /** Whether its buffers are in a table. */
    boolean indirect() {
        return entries.getFirst().has(LiveDescriptor.INDIRECT);
    }

    LiveDescriptor first() {
        return elements.getFirst();
    }

    LiveDescriptor last() {
        return elements.getLast();
    }
}
