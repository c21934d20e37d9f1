package dev.postern.lab;

/** Which DMA contexts a guest's devices get. */
public enum ContextKind {
    /** What the decision says, with a ledger over every call. */
    AUDITED,
    /** As unkind as the rules permit. */
    HOSTILE
}
