package dev.postern.boot;

import dev.postern.dma.DmaMappingException;
import dev.postern.dma.DmaMemory;
import dev.postern.dma.DmaPlan;
import dev.postern.dma.bounce.BouncePool;
import dev.postern.machine.Machine;
import dev.postern.machine.RamRegion;
import dev.postern.memory.DevicePages;
import dev.postern.memory.FrameAllocator;
import dev.postern.memory.PhysRange;
import dev.postern.memory.PhysicalMemory;
import dev.postern.platform.AllShared;
import dev.postern.platform.DetectedPlatform;
import dev.postern.platform.SharedMemory;
import dev.postern.platform.SharedPurpose;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The guest's memory: what is its own, and on a secure platform what it shares with devices.
 *
 * <p>Where the machine lets only a part of the RAM be shared, that part is kept for sharing alone: nothing private ever lies in it.
 */
public final class GuestMemory {

    private final FrameAllocator frames;
    private final FrameAllocator tableFrames;
    private final Optional<SharedMemory> shared;
    private final Optional<BouncePool> pool;

    private GuestMemory(
            FrameAllocator frames,
            FrameAllocator tableFrames,
            Optional<SharedMemory> shared,
            Optional<BouncePool> pool) {
        this.frames = frames;
        this.tableFrames = tableFrames;
        this.shared = shared;
        this.pool = pool;
    }

    /**
     * Divides the RAM.
     *
     * @param reserved ranges that firmware holds
     * @throws IllegalArgumentException when the pool's size is not possible
     * @throws DmaMappingException when the pool cannot be had
     */
    static GuestMemory divide(
            Machine machine,
            PhysicalMemory memory,
            List<PhysRange> reserved,
            DetectedPlatform platform,
            BootOptions options) {
        List<PhysRange> window = windowOf(machine);
        FrameAllocator frames = new FrameAllocator(memory, together(reserved, window));
        if (platform.sharing().isPresent()) {
            FrameAllocator shareable = window.isEmpty()
                    ? frames
                    : new FrameAllocator(memory, together(reserved, othersOf(memory, window)));
            SharedMemory shared = new SharedMemory(platform.sharing().get(), shareable);
            return new GuestMemory(
                    frames,
                    shareable,
                    Optional.of(shared),
                    Optional.of(BouncePool.over(shared, options.pool().options())));
        }
        if (options.forced().filter(plan -> plan == ForcedPlan.BOUNCED).isPresent()) {
            SharedMemory open = new SharedMemory(new AllShared(memory), frames);
            return new GuestMemory(
                    frames,
                    frames,
                    Optional.empty(),
                    Optional.of(BouncePool.over(open, options.pool().options())));
        }
        return new GuestMemory(frames, frames, Optional.empty(), Optional.empty());
    }

    private static List<PhysRange> windowOf(Machine machine) {
        return machine.shareableRam().equals(machine.ram())
                ? List.of()
                : machine.shareableRam().stream().map(GuestMemory::rangeOf).toList();
    }

    private static List<PhysRange> othersOf(PhysicalMemory memory, List<PhysRange> window) {
        return memory.regions().stream()
                .map(GuestMemory::rangeOf)
                .filter(range -> window.stream().noneMatch(part -> part.overlaps(range)))
                .toList();
    }

    private static PhysRange rangeOf(RamRegion region) {
        return new PhysRange(region.basePa(), region.size());
    }

    private static List<PhysRange> together(List<PhysRange> one, List<PhysRange> other) {
        List<PhysRange> both = new ArrayList<>(one);
        both.addAll(other);
        return both;
    }

    /** The guest's own memory; on a secure platform it is private. */
    public FrameAllocator frames() {
        return frames;
    }

    /**
     * Where the firmware tables go that the host hands out, below 4 GiB because some of their pointers have 32 bits. They are the host's
     * own words, so that they may lie in memory which it can read.
     */
    FrameAllocator tableFrames() {
        return tableFrames;
    }

    /** What is shared with devices; empty where they reach all of RAM. */
    public Optional<SharedMemory> shared() {
        return shared;
    }

    /** The pool that bounced devices use; empty where none does. */
    public Optional<BouncePool> pool() {
        return pool;
    }

    /** Pages that devices and interrupts reach. */
    DevicePages devicePages(SharedPurpose purpose) {
        return shared.map(memory -> memory.pages(purpose)).orElse(frames);
    }

    /** What a context for this plan draws on. */
    DmaMemory forPlan(DmaPlan plan) {
        return switch (plan) {
            case DmaPlan.Direct _, DmaPlan.Translated _, DmaPlan.Granted _, DmaPlan.PageTranslated _ ->
                DmaMemory.plain(frames);
            case DmaPlan.Bounced _ -> new DmaMemory(frames, shared, pool);
        };
    }
}
