package dev.postern.lab;

/** Which DMA contexts a guest's devices get. */
public enum ContextKind {
    /** What the decision says, with a ledger over every call. */
    AUDITED,
    /** As audited, and every mapping goes through a pool even where devices reach all of RAM. */
    BOUNCED,
    /** What the decision says, with nobody who checks a mapping: only what a device sees can tell that something is wrong. */
    UNWATCHED,
    /** As unkind as the rules permit. */
    HOSTILE
}
