package dev.postern.lab.evaluate;

import java.util.List;

/**
 * What was seen of a cell, one line each; nothing of it is judged yet.
 *
 * @param bringUp how far the disk came
 * @param promise what the guest's decision says about memory that it does not share
 * @param privateReads where the device read canaries
 * @param wrongReads reads that were reported as done and brought other bytes than the image has
 * @param wrongImage parts of the image, looked at from outside, that are not what was reported as written
 * @param strayWrites memory that changed though no request named it
 * @param openMemory memory that the guest did not share and that the device can read now
 * @param failedRequests requests that were not done
 * @param shutdownTrouble what went wrong at shutdown
 */
record Observation(
        BringUp bringUp,
        MemoryPromise promise,
        List<String> privateReads,
        List<String> wrongReads,
        List<String> wrongImage,
        List<String> strayWrites,
        List<String> openMemory,
        List<String> failedRequests,
        List<String> shutdownTrouble) {

    /** Copies the lists. */
    Observation {
        privateReads = List.copyOf(privateReads);
        wrongReads = List.copyOf(wrongReads);
        wrongImage = List.copyOf(wrongImage);
        strayWrites = List.copyOf(strayWrites);
        openMemory = List.copyOf(openMemory);
        failedRequests = List.copyOf(failedRequests);
        shutdownTrouble = List.copyOf(shutdownTrouble);
    }
}
