package dev.postern.dma.debug;

/** What a ledger can find. */
public enum ViolationKind {
    /** A mapping was live when its context was closed. */
    LEAK("context closed with a live mapping", Severity.ERROR),
    /** A mapping was unmapped before. */
    DOUBLE_UNMAP("second unmap", Severity.ERROR),
    /** An unmap with a token that this context never gave out. */
    UNKNOWN_TOKEN("unmap of what was never mapped", Severity.ERROR),
    /** An unmap with another length than the map. */
    WRONG_SIZE("unmap with a wrong size", Severity.ERROR),
    /** An unmap with another direction than the map. */
    WRONG_DIRECTION("unmap with a wrong direction", Severity.ERROR),
    /** An unmap that says the device wrote more than it could, or less than nothing. */
    WRITTEN_OUT_OF_RANGE("unmap with a written length out of range", Severity.ERROR),
    /** A sync that leaves its mapping. */
    SYNC_OUT_OF_RANGE("sync outside the mapping", Severity.ERROR),
    /** A sync of what is not mapped. */
    SYNC_UNMAPPED("sync of what is not mapped", Severity.ERROR),
    /** A quarantine of what is not mapped. */
    QUARANTINE_UNMAPPED("quarantine of what is not mapped", Severity.ERROR),
    /** The device address of what is not mapped was asked for. */
    ADDRESS_OF_UNMAPPED("device address of what is not mapped", Severity.ERROR),
    /** A coherent buffer was open when its context was closed. */
    COHERENT_LEAK("context closed with an open coherent buffer", Severity.ERROR),
    /** A coherent buffer was closed before. */
    COHERENT_CLOSED_TWICE("second close of a coherent buffer", Severity.ERROR),
    /** The same bytes are mapped twice, and a device may write them. */
    OVERLAP("device may write bytes that are mapped elsewhere", Severity.ERROR),
    /** Two mappings share a cache line of 64 bytes but no byte, and a device may write one of them. */
    SHARED_CACHE_LINE("device may write a cache line that is mapped elsewhere", Severity.WARNING);

    /** Whether a finding is a defect. */
    public enum Severity {
        /** A defect. */
        ERROR,
        /** A defect on platforms whose devices are not coherent, harmless on others. */
        WARNING
    }

    private final String words;
    private final Severity severity;

    ViolationKind(String words, Severity severity) {
        this.words = words;
        this.severity = severity;
    }

    /** What happened, in a few words. */
    public String words() {
        return words;
    }

    /** Whether it is a defect. */
    public Severity severity() {
        return severity;
    }
}
