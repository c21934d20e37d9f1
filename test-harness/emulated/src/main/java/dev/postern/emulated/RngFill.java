package dev.postern.emulated;

/** How much of a buffer an entropy device fills. */
public enum RngFill {
    /** All of it. */
    FULL,
    /** A length drawn from the seed, at least one byte (entropy:41). */
    SHORT
}
