package dev.postern.bench;

import java.util.Locale;

/** What is done with every byte of an image. */
enum StreamWork {
    /** SHA-256. */
    DIGEST,
    /** Nothing. */
    READ;

    /** The application of the guest that does it, and the word on a command line. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
