package dev.postern.lab.evaluate;

import dev.postern.lab.Canary;
import dev.postern.machine.RamRegion;
import dev.postern.memory.FrameAllocator;
import dev.postern.memory.FrameRequest;
import dev.postern.memory.OutOfFramesException;
import dev.postern.memory.PhysRange;
import dev.postern.memory.Placement;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Pages of the guest that hold nothing but canaries and that no request names: whoever reads them reads too much, and whoever
 * changes them writes where he must not. They go back to the allocator when the guest ends. One thread uses it.
 */
final class CanaryRuns {

    private static final long RUN_BYTES = 64 << 10;
    private static final int RUNS_OF_A_REGION = 24;

    /** What is left of an address that loses all bits above the lowest 32. */
    private static final long LOW_32_BITS = 0xffff_ffffL;

    private final FrameAllocator frames;
    private final Canary canary;
    private final List<PhysRange> runs = new ArrayList<>();

    CanaryRuns(FrameAllocator frames, Canary canary) {
        this.frames = frames;
        this.canary = canary;
    }

    /** Plants runs all over every region, as far as there is room. */
    void plantEverywhere(SplittableRandom random) {
        for (RamRegion region : frames.memory().regions()) {
            long places = region.size() / RUN_BYTES;
            for (int i = 0; i < RUNS_OF_A_REGION; i++) {
                plantAt(region.basePa() + random.nextLong(places) * RUN_BYTES, RUN_BYTES);
            }
        }
    }

    /** Plants where a device would end up that loses the upper half of a range's addresses. */
    void plantInShadowOf(PhysRange range) {
        long pa = range.basePa() & LOW_32_BITS;
        if (pa != range.basePa()) {
            plantAt(pa, range.length());
        }
    }

    private void plantAt(long pa, long bytes) {
        FrameRequest there = new FrameRequest(FrameAllocator.FRAME_BYTES, pa, pa + bytes - 1, Placement.LOW);
        try {
            PhysRange run = frames.allocate(bytes, there);
            canary.plant(frames.memory().slice(run.basePa(), run.length()));
            runs.add(run);
        } catch (OutOfFramesException e) {
            // Somebody uses it: there are enough others.
            return;
        }
    }

    /** The runs, in the order of planting. */
    List<PhysRange> runs() {
        return List.copyOf(runs);
    }

    /** Runs that changed, one line each. */
    List<String> damage() {
        List<String> damage = new ArrayList<>();
        MemorySegment whole = MemorySegment.ofArray(new byte[(int) RUN_BYTES]);
        canary.plant(whole);
        for (PhysRange run : runs) {
            for (long at = 0; at < run.length(); at += RUN_BYTES) {
                long length = Math.min(RUN_BYTES, run.length() - at);
                long wrong = frames.memory().slice(run.basePa() + at, length).mismatch(whole.asSlice(0, length));
                if (wrong >= 0) {
                    damage.add("memory that no request named changed at 0x%x".formatted(run.basePa() + at + wrong));
                }
            }
        }
        return damage;
    }
}
