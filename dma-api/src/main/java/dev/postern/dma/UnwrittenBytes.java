package dev.postern.dma;

/** What becomes of the bytes of a bounced FROM_DEVICE buffer that the device says it wrote and did not (CVE-2022-0854). */
public enum UnwrittenBytes {
    /** They are zero: the slot is zeroed when the device gets it. */
    ZEROED,
    /** They keep what the buffer held: it is copied into the slot, so that the device sees it too. */
    KEPT
}
