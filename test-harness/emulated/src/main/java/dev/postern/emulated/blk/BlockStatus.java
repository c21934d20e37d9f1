package dev.postern.emulated.blk;

/** The status byte of a request (blk:538 to 540). */
final class BlockStatus {

    static final int OK = 0;
    static final int IOERR = 1;
    static final int UNSUPP = 2;

    /** No status: the request cannot be answered. */
    static final int BROKEN = -1;

    private BlockStatus() {}
}
