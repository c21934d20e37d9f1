package dev.postern.bench;

import java.util.List;

/**
 * What a contest came to.
 *
 * @param rows of all settings
 * @param pages in which the programs' memory lay, in the last round
 */
record VhostBlkResult(List<VhostBlkRow> rows, VhostBlkPages pages) {

    /** Copies the list. */
    VhostBlkResult {
        rows = List.copyOf(rows);
    }
}
