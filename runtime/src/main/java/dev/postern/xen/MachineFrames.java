package dev.postern.xen;

/**
 * Where a paravirtualised Xen guest's pages really lie. What it calls physical is a numbering of its own; pages that follow each other
 * in it are scattered over the machine. Immutable once the guest runs; safe for use by several threads.
 */
public interface MachineFrames {

    /** The page in which addresses are contiguous, in bytes. */
    int PAGE_BYTES = 4096;

    /**
     * The machine address of a byte of RAM; the bytes behind it up to the end of its page follow.
     *
     * @param pa of RAM
     */
    long machineAddress(long pa);
}
