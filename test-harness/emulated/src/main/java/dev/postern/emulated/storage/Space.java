package dev.postern.emulated.storage;

/** What becomes of the space behind zeros. */
public enum Space {
    /** It stays taken. */
    KEEP,
    /** It is given back where that is possible. */
    GIVE_BACK
}
