package dev.postern.boot;

import dev.postern.dma.bounce.PoolOptions;

/**
 * How large the bounce pool is.
 *
 * @param initialBytes when it is made, whole pages, at least {@link PoolOptions#SMALLEST_BYTES}
 * @param mostBytes how far it may grow, at least {@code initialBytes}
 */
public record PoolSize(long initialBytes, long mostBytes) {

    /** Small to begin with, so that it stays in the processor's cache; grows when many requests are in flight. */
    public static final PoolSize DEFAULT = new PoolSize(4 << 20, 32 << 20);

    /** A pool that does not grow. */
    public static PoolSize fixed(long bytes) {
        return new PoolSize(bytes, bytes);
    }

    /** The default gives way to what a platform lets be shared, half of it at most; a size that was asked for does not. */
    PoolSize fittedTo(long shareableBytes) {
        if (!equals(DEFAULT)) {
            return this;
        }
        long half = Math.max(Long.highestOneBit(shareableBytes / 2), PoolOptions.SMALLEST_BYTES);
        return new PoolSize(Math.min(initialBytes, half), Math.min(mostBytes, half));
    }

    PoolOptions options() {
        return PoolOptions.fixed("bounce", initialBytes).growingTo(mostBytes);
    }
}
