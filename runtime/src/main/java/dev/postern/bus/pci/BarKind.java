package dev.postern.bus.pci;

/** How wide a memory BAR is, and whether reads from it have no side effects and writes may be merged. */
public enum BarKind {
    /** 32 address bits. */
    MEMORY_32("32-bit"),
    /** 32 address bits, prefetchable. */
    MEMORY_32_PREFETCHABLE("32-bit prefetchable"),
    /** 64 address bits; behind a bridge it still lies below 4 GiB, as bridges forward such memory only there. */
    MEMORY_64("64-bit"),
    /** 64 address bits, prefetchable. */
    MEMORY_64_PREFETCHABLE("64-bit prefetchable");

    private final String words;

    BarKind(String words) {
        this.words = words;
    }

    /** Whether the BAR takes two registers and can lie above 4 GiB. */
    public boolean wide() {
        return this == MEMORY_64 || this == MEMORY_64_PREFETCHABLE;
    }

    @Override
    public String toString() {
        return words;
    }
}
