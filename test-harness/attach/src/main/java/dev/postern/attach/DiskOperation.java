package dev.postern.attach;

/** What can be made to fail at a sector of a disk; QEMU's blkdebug does it, and the guest sees an I/O error. */
public enum DiskOperation {
    /** Reading. */
    READ("read"),
    /** Writing. */
    WRITE("write"),
    /** Flushing, which is of no sector. */
    FLUSH("flush"),
    /** Discarding. */
    DISCARD("discard"),
    /** Writing zeros. */
    WRITE_ZEROES("write-zeroes");

    private final String ioType;

    DiskOperation(String ioType) {
        this.ioType = ioType;
    }

    /** What blkdebug calls it. */
    String ioType() {
        return ioType;
    }
}
