package dev.postern.bench;

import java.util.List;

/**
 * All that {@code bench vhost-blk} found.
 *
 * @param results of each contest
 * @param load of the computer
 * @param cores where the programs ran
 * @param others what other processes took
 */
record VhostBlkReport(List<VhostBlkResult> results, MachineLoad load, VhostBlkCores cores, OtherProcesses others) {

    /** Copies the list. */
    VhostBlkReport {
        results = List.copyOf(results);
    }
}
