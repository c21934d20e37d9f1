package dev.postern.dma;

import dev.postern.dma.bounce.BouncePool;
import dev.postern.memory.FrameAllocator;
import dev.postern.platform.SharedMemory;
import java.util.Objects;
import java.util.Optional;

/**
 * The memory that contexts draw on. All of it is borrowed and must outlive them.
 *
 * @param frames all of RAM
 * @param shared where a bounced context has its coherent buffers from; without it, from the pool
 * @param pool where a bounced context has its slots from
 */
public record DmaMemory(FrameAllocator frames, Optional<SharedMemory> shared, Optional<BouncePool> pool) {

    /** Refuses null. */
    public DmaMemory {
        Objects.requireNonNull(frames);
        Objects.requireNonNull(shared);
        Objects.requireNonNull(pool);
    }

    /** A platform on which devices reach all of RAM. */
    public static DmaMemory plain(FrameAllocator frames) {
        return new DmaMemory(frames, Optional.empty(), Optional.empty());
    }

    /** A platform on which devices reach only what is shared with them. */
    public static DmaMemory secure(SharedMemory shared, BouncePool pool) {
        return new DmaMemory(shared.frames(), Optional.of(shared), Optional.of(pool));
    }

    /** A device that reaches one pool and nothing else; its coherent buffers come from there too. */
    public static DmaMemory restricted(FrameAllocator frames, BouncePool pool) {
        return new DmaMemory(frames, Optional.empty(), Optional.of(pool));
    }
}
