package dev.postern.bench;

import java.util.Locale;

/** What is asked of a disk. */
enum VhostBlkWork {
    READ,
    WRITE;

    /** On a command line and in tables. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
