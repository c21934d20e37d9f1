package dev.postern.lab;

/** What can be made to fail at a sector of a disk, by its word in a device's text. */
public enum DiskOperation {
    /** Reading. */
    READ("fail-read"),
    /** Writing. */
    WRITE("fail-write"),
    /** Flushing; it is of no sector. */
    FLUSH("fail-flush"),
    /** Discarding. */
    DISCARD("fail-discard"),
    /** Writing zeros. */
    WRITE_ZEROES("fail-write-zeroes");

    private final String label;

    DiskOperation(String label) {
        this.label = label;
    }

    /** The name on the command line. */
    public String label() {
        return label;
    }
}
