package dev.postern.bench;

import dev.postern.dma.DmaMemory;
import dev.postern.dma.bounce.BouncePool;
import dev.postern.dma.bounce.PoolOptions;
import dev.postern.machine.RamRegion;
import dev.postern.memory.FrameAllocator;
import dev.postern.memory.PhysRange;
import dev.postern.memory.PhysicalMemory;
import dev.postern.platform.SharedMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** RAM for rings, pools and buffers: a private half, and one that can be shared. It is there once, so that a device side has it as a constant. */
final class RingRam {

    /** Where it begins. */
    static final long PA = 0x4000_0000L;

    private static final long BYTES = 64 << 20;
    private static final long SHARED_PA = PA + BYTES / 2;
    private static final long POOL_BYTES = 8 << 20;

    /** Pages that no allocator has, for buffers. */
    static final long BUFFERS_PA = PA;

    private static final long BUFFERS_BYTES = 64 << 10;

    private static final MemorySegment RAM = Arena.ofAuto().allocate(BYTES, 1 << 20);

    private final FrameAllocator frames = new FrameAllocator(
            new PhysicalMemory(List.of(
                    new RamRegion(PA, RAM.asSlice(0, BYTES / 2)), new RamRegion(SHARED_PA, RAM.asSlice(BYTES / 2)))),
            List.of(new PhysRange(BUFFERS_PA, BUFFERS_BYTES)));
    private final SharedMemory shared =
            new SharedMemory(new UnguardedSharing(new PhysRange(SHARED_PA, BYTES / 2)), frames);
    private final BouncePool pool = BouncePool.over(shared, PoolOptions.fixed("bench", POOL_BYTES));

    /** What contexts draw on. */
    DmaMemory memory() {
        return DmaMemory.secure(shared, pool);
    }

    FrameAllocator frames() {
        return frames;
    }

    /** What lies at an address. */
    static MemorySegment at(long pa, long bytes) {
        return RAM.asSlice(pa - PA, bytes);
    }
}
