package dev.postern.lab.evaluate;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What came of a cell, by what the device did; the worst first, which is the natural order. */
public enum Verdict {
    /** The device read bytes that the guest's decision keeps from it. */
    LEAKS,
    /** Something that was reported as done has wrong bytes, or memory changed that no request named. */
    CORRUPTS,
    /** The device can read memory that the guest did not share, though something is there to keep it from that. */
    UNPROTECTED,
    /** Requests fail, or the device or the guest does not come up; it is seen at once. */
    FAILS,
    /** The guest leaves the device alone, and says so. */
    REFUSED,
    /** Every byte arrived, and nothing else moved. */
    WORKS;

    /** The word for it in documents and on the terminal. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether it is worse than another. */
    public boolean worseThan(Verdict other) {
        return compareTo(other) < 0;
    }

    /** The verdict of a word; empty when there is none. */
    public static Optional<Verdict> named(String word) {
        return Arrays.stream(values())
                .filter(verdict -> verdict.word().equals(word))
                .findFirst();
    }
}
