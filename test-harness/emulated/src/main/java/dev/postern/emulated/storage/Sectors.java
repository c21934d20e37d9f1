package dev.postern.emulated.storage;

import java.lang.foreign.MemorySegment;
import java.util.Map;

/** Sectors of 512 bytes that are kept in memory by their numbers. */
final class Sectors {

    private static final int SECTOR = 512;

    private Sectors() {}

    /** Takes those of a range out, in a time that follows from the smaller of both. */
    static void forget(Map<Long, MemorySegment> kept, long offset, long length) {
        long first = offset / SECTOR;
        long end = (offset + length) / SECTOR;
        if (end - first > kept.size()) {
            kept.keySet().removeIf(sector -> sector >= first && sector < end);
            return;
        }
        for (long sector = first; sector < end; sector++) {
            kept.remove(sector);
        }
    }
}
