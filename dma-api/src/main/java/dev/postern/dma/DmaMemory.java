package dev.postern.dma;

import dev.postern.dma.bounce.BouncePool;
import dev.postern.memory.FrameAllocator;
import dev.postern.platform.CacheMaintenance;
import dev.postern.platform.SharedMemory;
import dev.postern.xen.GrantTable;
import dev.postern.xen.MachineFrames;
import java.util.Objects;
import java.util.Optional;

/**
 * The memory that contexts draw on. All of it is borrowed and must outlive them.
 *
 * @param frames all of RAM
 * @param shared where a bounced context has its coherent buffers from; without it, from the pool
 * @param pool where a bounced context has its slots from
 * @param grants by which a granted context lets the back-end at pages
 * @param machineFrames by which a page-translated context turns pages into machine addresses
 * @param caches for a device that the interconnect does not snoop: then syncs are real. Empty for every other device
 */
public record DmaMemory(
        FrameAllocator frames,
        Optional<SharedMemory> shared,
        Optional<BouncePool> pool,
        Optional<GrantTable> grants,
        Optional<MachineFrames> machineFrames,
        Optional<CacheMaintenance> caches) {

    /** Refuses null. */
    public DmaMemory {
        Objects.requireNonNull(frames);
        Objects.requireNonNull(shared);
        Objects.requireNonNull(pool);
        Objects.requireNonNull(grants);
        Objects.requireNonNull(machineFrames);
        Objects.requireNonNull(caches);
    }

    /** Memory of a guest that is not under Xen, for a device that is snooped. */
    public DmaMemory(FrameAllocator frames, Optional<SharedMemory> shared, Optional<BouncePool> pool) {
        this(frames, shared, pool, Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** The same with a grant table. */
    public DmaMemory withGrants(GrantTable table) {
        return new DmaMemory(frames, shared, pool, Optional.of(table), machineFrames, caches);
    }

    /** The same with the machine's frame numbers. */
    public DmaMemory withMachineFrames(MachineFrames numbers) {
        return new DmaMemory(frames, shared, pool, grants, Optional.of(numbers), caches);
    }

    /** The same for a device that is not snooped. */
    public DmaMemory withCaches(CacheMaintenance maintenance) {
        return new DmaMemory(frames, shared, pool, grants, machineFrames, Optional.of(maintenance));
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
