package dev.postern.boot;

import dev.postern.dma.bounce.PoolOptions;
import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;

/**
 * How large the bounce pool is.
 *
 * @param initialBytes when it is made, whole pages, at least {@link PoolOptions#SMALLEST_BYTES}
 * @param mostBytes how far it may grow, at least {@code initialBytes}
 */
public record PoolSize(long initialBytes, long mostBytes) {

    /** Small to begin with, so that it stays in the processor's cache; grows when many requests are in flight. */
    private static final PoolSize USUAL = new PoolSize(4 << 20, 32 << 20);

    /** The largest unit in which any platform shares memory, in bytes. */
    private static final long GRANULE = 64 << 10;

    /** A pool that does not grow. */
    public static PoolSize fixed(long bytes) {
        return new PoolSize(bytes, bytes);
    }

    /**
     * What suits a platform when nobody asks for a size: it grows as far as rows say, a part of RAM between two bounds, and gives way to
     * what can be shared, half of it at most.
     *
     * @param known facts about the platform, as rows corrected them
     * @param ramBytes all of RAM
     * @param shareableBytes the part that devices can be let at
     */
    static PoolSize suiting(FactSheet known, long ramBytes, long shareableBytes) {
        long most = USUAL.mostBytes;
        long percent = known.number(FactName.POOL_PERCENT);
        if (percent != 0) {
            long bound = known.number(FactName.POOL_MAX_MIB) << 20;
            long part = Math.max(ramBytes / 100 * percent & -GRANULE, known.number(FactName.POOL_MIN_MIB) << 20);
            most = Math.max(USUAL.initialBytes, bound == 0 ? part : Math.min(part, bound));
        }
        long half = Math.max(Long.highestOneBit(shareableBytes / 2), PoolOptions.SMALLEST_BYTES);
        return new PoolSize(Math.min(USUAL.initialBytes, half), Math.min(most, half));
    }

    PoolOptions options() {
        return PoolOptions.fixed("bounce", initialBytes).growingTo(mostBytes);
    }
}
