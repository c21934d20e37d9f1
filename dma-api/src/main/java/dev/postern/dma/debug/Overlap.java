package dev.postern.dma.debug;

import java.util.Optional;

/** Whether two live mappings disturb each other. Linux: overlapping cache lines in {@code kernel/dma/debug.c}. */
final class Overlap {

    private static final long CACHE_LINE = 64;

    private Overlap() {}

    /** What is wrong with having both mapped, if anything. */
    static Optional<ViolationKind> between(LedgerEntry.Streaming a, LedgerEntry.Streaming b) {
        if (!a.direction().deviceWrites() && !b.direction().deviceWrites()) {
            return Optional.empty();
        }
        if (a.pa() < b.pa() + b.length() && b.pa() < a.pa() + a.length()) {
            return Optional.of(ViolationKind.OVERLAP);
        }
        return firstLine(a) <= lastLine(b) && firstLine(b) <= lastLine(a)
                ? Optional.of(ViolationKind.SHARED_CACHE_LINE)
                : Optional.empty();
    }

    private static long firstLine(LedgerEntry.Streaming entry) {
        return entry.pa() / CACHE_LINE;
    }

    private static long lastLine(LedgerEntry.Streaming entry) {
        return (entry.pa() + entry.length() - 1) / CACHE_LINE;
    }
}
