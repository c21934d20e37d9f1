package dev.postern.bench;

/**
 * One window of one program. It answers with all of this but the last.
 *
 * @param requests that were answered
 * @param nanos that took
 * @param cpuNanos of its thread
 * @param waitedNanos that its thread could have run and had no core
 * @param median of the times of a request, in nanoseconds
 * @param tail the 99.99th percentile of them
 * @param bytes of heap that its thread allocated
 * @param disturbedNanos that the daemon had no core, and that the host took from all of them
 */
record VhostBlkRun(
        long requests,
        double nanos,
        double cpuNanos,
        double waitedNanos,
        double median,
        double tail,
        double bytes,
        double disturbedNanos) {

    /** The part of a window that others may take before it counts as disturbed. */
    static final double CLEAN = 0.01;

    private static final double SECOND = 1e9;

    /** From an answer. */
    static VhostBlkRun of(long[] answer, double disturbedNanos) {
        return new VhostBlkRun(
                answer[0], answer[1], answer[2], answer[3], answer[4], answer[5], answer[6], disturbedNanos);
    }

    /** The words of the answer. */
    String answer() {
        return "%d %.0f %.0f %.0f %.0f %.0f %.0f"
                .formatted(requests, nanos, cpuNanos, waitedNanos, median, tail, bytes);
    }

    /** Requests a second. */
    double iops() {
        return requests / (nanos / SECOND);
    }

    /** Processor time of a request, in nanoseconds. */
    double cpuOfRequest() {
        return cpuNanos / requests;
    }

    /** Heap of a request, in bytes. */
    double bytesOfRequest() {
        return bytes / requests;
    }

    /** Whether hardly anybody else had the cores. */
    boolean clean() {
        return waitedNanos + disturbedNanos < CLEAN * nanos;
    }
}
