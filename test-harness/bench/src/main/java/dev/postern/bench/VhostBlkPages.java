package dev.postern.bench;

/**
 * The pages that the memory of two programs lies in.
 *
 * @param measured of the program that is measured, in bytes
 * @param peer of what it is put beside, in bytes
 */
record VhostBlkPages(long measured, long peer) {

    private static final int KIB = 1024;

    /** For a person. */
    String words() {
        return measured == peer
                ? "memory in pages of %d KiB".formatted(measured / KIB)
                : "memory in pages of %d KiB and of %d KiB: give both huge pages, echo 64 > /proc/sys/vm/nr_hugepages"
                        .formatted(measured / KIB, peer / KIB);
    }
}
