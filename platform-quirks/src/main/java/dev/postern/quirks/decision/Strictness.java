package dev.postern.quirks.decision;

/** Whether a device that a secure guest could still serve, though it does not offer what it should, is served. */
public enum Strictness {
    /** It is served as safely as can be. */
    SERVE,
    /** It is refused. */
    REFUSE
}
