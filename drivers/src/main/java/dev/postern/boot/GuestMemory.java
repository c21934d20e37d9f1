package dev.postern.boot;

import dev.postern.dma.DmaConstraints;
import dev.postern.dma.DmaMappingException;
import dev.postern.dma.DmaMemory;
import dev.postern.dma.DmaPlan;
import dev.postern.dma.PaWindow;
import dev.postern.dma.bounce.BouncePool;
import dev.postern.dma.bounce.PoolOptions;
import dev.postern.machine.RamRegion;
import dev.postern.memory.DevicePages;
import dev.postern.memory.FrameAllocator;
import dev.postern.memory.FrameRequest;
import dev.postern.memory.PhysRange;
import dev.postern.memory.PhysicalMemory;
import dev.postern.platform.AllShared;
import dev.postern.platform.DetectedPlatform;
import dev.postern.platform.PageSharing;
import dev.postern.platform.SharedMemory;
import dev.postern.platform.SharedPurpose;
import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    private final PoolSize poolSize;
    private final Map<PaWindow, BouncePool> poolsInReach = new LinkedHashMap<>();

    private GuestMemory(
            FrameAllocator frames,
            FrameAllocator tableFrames,
            Optional<SharedMemory> shared,
            Optional<BouncePool> pool,
            PoolSize poolSize) {
        this.frames = frames;
        this.tableFrames = tableFrames;
        this.shared = shared;
        this.pool = pool;
        this.poolSize = poolSize;
    }

    /**
     * Divides the RAM.
     *
     * @param reserved ranges that firmware holds
     * @param known what is known about the platform, as rows corrected it
     * @throws IllegalArgumentException when the pool's size is not possible
     * @throws DmaMappingException when the pool cannot be had
     */
    static GuestMemory divide(
            PhysicalMemory memory,
            List<PhysRange> reserved,
            DetectedPlatform platform,
            FactSheet known,
            BootOptions options) {
        List<PhysRange> window = windowOf(platform, memory);
        FrameAllocator frames = new FrameAllocator(memory, together(reserved, window));
        List<PhysRange> shareableRanges = window.isEmpty()
                ? memory.regions().stream().map(GuestMemory::rangeOf).toList()
                : window;
        FrameRequest place = placeOf(known);
        long inPlace = bytesBelow(shareableRanges, place.highestPa());
        // Where rows want it there may be nothing to share: all RAM of vhost-user lies above 4 GiB.
        long room = inPlace == 0 ? bytesBelow(shareableRanges, Long.MAX_VALUE - 1) : inPlace;
        PoolSize size = options.pool().orElseGet(() -> PoolSize.suiting(known, memory.size(), room));
        // A pool that is too large for where rows want it is put anywhere.
        FrameRequest poolPlace = size.mostBytes() <= inPlace / 2 ? place : FrameRequest.ANY;
        if (platform.sharing().isPresent()) {
            FrameAllocator shareable =
                    window.isEmpty() ? frames : new FrameAllocator(memory, together(reserved, outside(memory, window)));
            SharedMemory shared = new SharedMemory(platform.sharing().get(), shareable);
            BouncePool pool = BouncePool.over(shared, size.options().withRequest(poolPlace));
            return new GuestMemory(frames, shareable, Optional.of(shared), Optional.of(pool), size);
        }
        if (platform.restrictedPool().isPresent()) {
            PhysRange range = platform.restrictedPool().get().value();
            return new GuestMemory(
                    frames,
                    frames,
                    Optional.empty(),
                    Optional.of(BouncePool.restricted("restricted", memory, range)),
                    size);
        }
        if (options.forced().filter(plan -> plan == ForcedPlan.BOUNCED).isPresent()) {
            return new GuestMemory(
                    frames, frames, Optional.empty(), Optional.of(openPool(frames, size.options())), size);
        }
        return new GuestMemory(frames, frames, Optional.empty(), Optional.empty(), size);
    }

    /** A pool where devices reach all of RAM, or all of what the options' request leaves. */
    private static BouncePool openPool(FrameAllocator frames, PoolOptions options) {
        return BouncePool.over(new SharedMemory(new AllShared(frames.memory()), frames), options);
    }

    private static long bytesBelow(List<PhysRange> ranges, long highestPa) {
        return ranges.stream()
                .mapToLong(range -> Math.max(0, Math.min(range.endPa() - 1, highestPa) - range.basePa() + 1))
                .sum();
    }

    /** Where the pool of a secure platform lies: rows say below how many bits. */
    private static FrameRequest placeOf(FactSheet known) {
        long bits = known.number(FactName.POOL_BITS);
        return bits >= Long.SIZE - 1 ? FrameRequest.ANY : FrameRequest.ANY.withHighestPa((1L << bits) - 1);
    }

    /** Where sharing is kept to, when it is not allowed everywhere. */
    private static List<PhysRange> windowOf(DetectedPlatform platform, PhysicalMemory memory) {
        List<PhysRange> shareable = platform.sharing()
                .map(PageSharing::shareable)
                .or(() -> platform.restrictedPool().map(fact -> List.of(fact.value())))
                .orElse(List.of());
        long bytes = shareable.stream().mapToLong(PhysRange::length).sum();
        return bytes == memory.size() ? List.of() : shareable;
    }

    /** All RAM but the window. */
    private static List<PhysRange> outside(PhysicalMemory memory, List<PhysRange> window) {
        List<PhysRange> others = new ArrayList<>();
        for (RamRegion region : memory.regions()) {
            long from = region.basePa();
            for (PhysRange part : window.stream()
                    .filter(rangeOf(region)::overlaps)
                    .sorted(Comparator.comparingLong(PhysRange::basePa))
                    .toList()) {
                if (part.basePa() > from) {
                    others.add(PhysRange.between(from, part.basePa()));
                }
                from = Math.max(from, part.endPa());
            }
            if (from < region.endPa()) {
                others.add(PhysRange.between(from, region.endPa()));
            }
        }
        return others;
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

    /** The pool that every bounced device of the platform uses; empty where devices have their own, or none. */
    public Optional<BouncePool> pool() {
        return pool;
    }

    /** Every pool there is now. */
    public List<BouncePool> pools() {
        List<BouncePool> all = new ArrayList<>(poolsInReach.values());
        pool.ifPresent(all::add);
        return all;
    }

    /** Pages that devices and interrupts reach. */
    DevicePages devicePages(SharedPurpose purpose) {
        return shared.map(memory -> memory.pages(purpose)).orElse(frames);
    }

    /**
     * What a context draws on.
     *
     * @param limits of the device: a pool that only some devices need lies where they reach it
     * @throws DmaMappingException when there is no such pool
     */
    DmaMemory forDevice(DmaPlan plan, DmaConstraints limits) {
        return plan instanceof DmaPlan.Bounced
                ? new DmaMemory(
                        frames,
                        shared,
                        Optional.of(pool.orElseGet(
                                () -> poolsInReach.computeIfAbsent(limits.window(), window -> poolIn(window)))))
                : DmaMemory.plain(frames);
    }

    private BouncePool poolIn(PaWindow window) {
        long last = window.lastPa() < 0 ? Long.MAX_VALUE : window.lastPa();
        FrameRequest inside =
                new FrameRequest(FrameAllocator.FRAME_BYTES, window.firstPa(), last, FrameRequest.ANY.placement());
        return openPool(frames, poolSize.options().withRequest(inside));
    }
}
