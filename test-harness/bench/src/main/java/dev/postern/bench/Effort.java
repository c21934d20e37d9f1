package dev.postern.bench;

/** How much is measured. */
enum Effort {
    /** Fewer cases and rounds, for a first look. */
    QUICK,
    /** Enough for figures. */
    THOROUGH
}
