package dev.postern.emulated;

/** Whether a write of zeros may give space back: {@code write_zeroes_may_unmap} (blk:983). */
public enum Unmapping {
    /** It may, when the driver allows it. */
    ALLOWED,
    /** It never does. */
    NEVER
}
