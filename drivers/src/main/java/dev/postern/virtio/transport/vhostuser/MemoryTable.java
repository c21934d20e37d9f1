package dev.postern.virtio.transport.vhostuser;

import dev.postern.machine.RamRegion;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The memory that a back-end is given ("Memory regions description"): those regions of what may be shared that have a file behind them, and
 * nothing else. What has none is this process's alone and cannot be given to anybody.
 *
 * <p>The "user address" of a region is any number by which both sides mean the same byte. The guest-physical address serves as that, so
 * that no pointer of this process leaves it, and addresses of rings need no translation.
 *
 * @param regions with a backing each
 */
record MemoryTable(List<RamRegion> regions) {

    /** The most regions that one SET_MEM_TABLE takes. */
    static final int MOST_REGIONS = 8;

    /** A region in a message: guest address, size, user address, offset in the file; 64 bits each. */
    static final int REGION_BYTES = 32;

    /** Copies the list. */
    MemoryTable {
        regions = List.copyOf(regions);
    }

    /** What can be given away of it. */
    static MemoryTable of(List<RamRegion> shareable) {
        return new MemoryTable(shareable.stream()
                .filter(region -> region.backing().isPresent())
                .toList());
    }

    int size() {
        return regions.size();
    }

    /** The file behind a region; stays the machine's. */
    int descriptor(int region) {
        return regions.get(region).backing().orElseThrow().descriptor();
    }

    /** Whether a range of memory, which is not empty, lies in one region. */
    boolean contains(long pa, long length) {
        return regionOf(pa, length) >= 0;
    }

    /** The region that holds the range, or -1. */
    int regionOf(long pa, long length) {
        for (int i = 0; i < regions.size(); i++) {
            if (regions.get(i).contains(pa, length)) {
                return i;
            }
        }
        return -1;
    }

    /** Appends the description of a region. */
    void describe(int index, ByteBuffer into) {
        RamRegion region = regions.get(index);
        into.putLong(region.basePa())
                .putLong(region.size())
                .putLong(region.basePa())
                .putLong(region.backing().orElseThrow().offsetBytes());
    }
}
