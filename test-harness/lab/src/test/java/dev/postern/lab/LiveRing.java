package dev.postern.lab;

import dev.postern.machine.Machine;
import dev.postern.machine.RamRegion;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The ring of a live queue as a device sees it: in RAM, where a test rewrites what the driver wrote. Its layout is that of the
 * specification and none of the driver's.
 */
sealed interface LiveRing permits LiveSplitRing, LivePackedRing {

    /** The ring of a queue that is enabled, with nothing available yet. */
    static LiveRing of(Machine machine, RawVirtio.QueuePlaces places, RingKind.Format format) {
        return switch (format) {
            case SPLIT -> new LiveSplitRing(machine, places);
            case PACKED -> new LivePackedRing(machine, places);
        };
    }

    /** Entries. */
    int size();

    /** The requests made available since this was asked last, oldest first. Called at each notification, so that none is missed. */
    List<LiveChain> madeAvailable();

    /** 0 or 1: changes when the driver begins a packed ring anew, and when it is half through the indices of a split one. */
    int lap();

    /** Begins anew, with its device. */
    void restart();

    /** Some bytes of RAM; devices that see RAM as it is find them at the same address. */
    static MemorySegment memory(Machine machine, long pa, long length) {
        for (RamRegion region : machine.ram()) {
            if (region.contains(pa, length)) {
                return region.segment().asSlice(pa - region.basePa(), length);
            }
        }
        throw new AssertionError("0x%x is not RAM".formatted(pa));
    }
}
