package dev.postern.dma.bounce;

import dev.postern.memory.FrameRequest;
import java.util.Objects;

/**
 * How large a pool is, and how it is used.
 *
 * @param name what messages call the pool
 * @param initialBytes taken when the pool is made: whole granules of the platform, at least {@link #SMALLEST_BYTES}
 * @param mostBytes how large it may grow: whole granules, at least {@code initialBytes}
 * @param areas how many threads of one device find slots without meeting each other: a power of two, 1 to 64
 * @param request where the memory may lie, such as below 4 GiB
 */
public record PoolOptions(String name, long initialBytes, long mostBytes, int areas, FrameRequest request) {

    /** The smallest legal pool. Its largest mapping is 8 KiB, so every driver can move a page at any offset. */
    public static final long SMALLEST_BYTES = 64 << 10;

    /** Checks what needs no platform: the order of the sizes, and the number of areas. */
    public PoolOptions {
        Objects.requireNonNull(name);
        Objects.requireNonNull(request);
        if (mostBytes < initialBytes) {
            throw new IllegalArgumentException(
                    "bounce pool %s: it begins with %d bytes and may grow to %d: give at least %d"
                            .formatted(name, initialBytes, mostBytes, initialBytes));
        }
        if (areas < 1 || areas > 64 || Integer.bitCount(areas) != 1) {
            throw new IllegalArgumentException(
                    "bounce pool %s: %d areas: give a power of two, 1 to 64".formatted(name, areas));
        }
    }

    /** A pool that does not grow, anywhere in memory, with an area for each processor. */
    public static PoolOptions fixed(String name, long bytes) {
        int processors = Math.min(8, Runtime.getRuntime().availableProcessors());
        int areas = Integer.highestOneBit(2 * processors - 1);
        return new PoolOptions(name, bytes, bytes, areas, FrameRequest.ANY);
    }

    /** The same, but it may grow. */
    public PoolOptions growingTo(long bytes) {
        return new PoolOptions(name, initialBytes, bytes, areas, request);
    }

    /** The same with another number of areas. */
    public PoolOptions withAreas(int count) {
        return new PoolOptions(name, initialBytes, mostBytes, count, request);
    }

    /** The same in other memory. */
    public PoolOptions withRequest(FrameRequest frames) {
        return new PoolOptions(name, initialBytes, mostBytes, areas, frames);
    }
}
