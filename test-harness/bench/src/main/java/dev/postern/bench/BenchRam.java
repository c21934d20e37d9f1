package dev.postern.bench;

import dev.postern.dma.DmaConstraints;
import dev.postern.dma.DmaContext;
import dev.postern.dma.DmaContexts;
import dev.postern.dma.DmaMemory;
import dev.postern.dma.DmaPlan;
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

/** RAM for benchmarks: a private region for buffers, and one that can be shared, with a pool in it. */
final class BenchRam {

    /** Where the private region begins. */
    static final long PRIVATE_PA = 0x4000_0000L;

    private static final long SHARED_PA = 0x1_0000_0000L;
    private static final long PRIVATE_BYTES = 16 << 20;
    private static final long SHARED_BYTES = 32 << 20;
    private static final long POOL_BYTES = 16 << 20;

    private final MemorySegment privateBytes = Arena.ofAuto().allocate(PRIVATE_BYTES, 1 << 20);
    private final MemorySegment sharedBytes = Arena.ofAuto().allocate(SHARED_BYTES, 1 << 20);
    private final FrameAllocator frames = new FrameAllocator(
            new PhysicalMemory(List.of(new RamRegion(PRIVATE_PA, privateBytes), new RamRegion(SHARED_PA, sharedBytes))),
            List.of());
    private final SharedMemory shared =
            new SharedMemory(new UnguardedSharing(new PhysRange(SHARED_PA, SHARED_BYTES)), frames);
    private final BouncePool pool = BouncePool.over(shared, PoolOptions.fixed("bench", POOL_BYTES));

    /** A context of a plan. */
    DmaContext open(MappingPlan plan) {
        DmaPlan.Direct direct = new DmaPlan.Direct(0);
        DmaPlan wanted = switch (plan) {
            case DIRECT -> direct;
            case BOUNCED -> new DmaPlan.Bounced(direct);
        };
        return DmaContexts.open(wanted, DmaMemory.secure(shared, pool), DmaConstraints.NONE, "bench");
    }

    BouncePool pool() {
        return pool;
    }

    /** The private region. */
    MemorySegment privateBytes() {
        return privateBytes;
    }

    /** The region that the pool lies in. */
    MemorySegment sharedBytes() {
        return sharedBytes;
    }
}
