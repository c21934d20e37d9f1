package dev.postern.lab;

import java.util.List;

/** What a disk can be told by one word of a few. */
public enum DiskChoice {
    /** The first mode of the write cache: on is writeback, off is writethrough. */
    WRITE_CACHE("write-cache", "on", "off"),
    /** Whether seg_max is the size of a queue less two. */
    SEG_MAX_ADJUST("seg-max-adjust", "on", "off"),
    /** Where a write is until it is flushed; volatile is lost when the power is cut, and the emulated machine's alone. */
    CACHE("cache", "host", "volatile"),
    /** Whether a write of zeros may give space back; off is the emulated machine's alone. */
    MAY_UNMAP("may-unmap", "on", "off"),
    /** What a disk that offers ZONED says of its zones. The emulated machine alone. */
    ZONES("zones", "none", "host-managed", "host-aware");

    private final String label;
    private final List<String> words;

    DiskChoice(String label, String... words) {
        this.label = label;
        this.words = List.of(words);
    }

    /** The name on the command line. */
    public String label() {
        return label;
    }

    /** What can be chosen. */
    public List<String> words() {
        return words;
    }
}
