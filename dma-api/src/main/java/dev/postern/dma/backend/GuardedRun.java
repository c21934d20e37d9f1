package dev.postern.dma.backend;

import dev.postern.memory.PhysRange;
import dev.postern.memory.PhysicalMemory;
import java.lang.foreign.MemorySegment;

/**
 * A run of frames of which a device may use only a part; the rest guards it.
 *
 * @param run the frames
 * @param usable the part, with at least one frame before and after it
 */
record GuardedRun(PhysRange run, PhysRange usable) {

    GuardedRun {
        if (!run.contains(usable)) {
            throw new IllegalArgumentException("usable %s is not inside the run %s".formatted(usable, run));
        }
    }

    /** The bytes that the device may use. */
    MemorySegment memory(PhysicalMemory ram) {
        return ram.slice(usable.basePa(), usable.length());
    }

    /** Poisons all of it, guards and usable part. */
    void poison(PhysicalMemory ram, PoisonPattern pattern) {
        pattern.fill(ram.slice(run.basePa(), run.length()), run.basePa());
    }

    /** The address of the first guard byte that is not poison any more, or -1. */
    long touchedGuard(PhysicalMemory ram, PoisonPattern pattern) {
        long before = firstOther(run.basePa(), usable.basePa(), ram, pattern);
        return before >= 0 ? before : firstOther(usable.endPa(), run.endPa(), ram, pattern);
    }

    /** The address of the first byte that is not poison any more, or -1. */
    long touchedAnywhere(PhysicalMemory ram, PoisonPattern pattern) {
        return firstOther(run.basePa(), run.endPa(), ram, pattern);
    }

    private static long firstOther(long fromPa, long endPa, PhysicalMemory ram, PoisonPattern pattern) {
        long index = pattern.firstOther(ram.slice(fromPa, endPa - fromPa), fromPa);
        return index < 0 ? -1 : fromPa + index;
    }
}
