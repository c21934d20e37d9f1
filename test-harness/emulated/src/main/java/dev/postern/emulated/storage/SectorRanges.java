package dev.postern.emulated.storage;

import java.util.Map;
import java.util.TreeMap;

/** A set of sectors that is kept as ranges, so that its size follows from how often it was cut and not from how large it is. */
final class SectorRanges {

    /** From the first sector of each range to its end; no two touch. */
    private final TreeMap<Long, Long> ranges = new TreeMap<>();

    boolean isEmpty() {
        return ranges.isEmpty();
    }

    boolean has(long sector) {
        Map.Entry<Long, Long> range = ranges.floorEntry(sector);
        return range != null && sector < range.getValue();
    }

    /** Adds the sectors from {@code first} up to {@code end}. */
    void add(long first, long end) {
        if (first == end) {
            return;
        }
        long from = first;
        long to = end;
        Map.Entry<Long, Long> near = ranges.floorEntry(to);
        while (near != null && near.getValue() >= from) {
            from = Math.min(from, near.getKey());
            to = Math.max(to, near.getValue());
            ranges.remove(near.getKey());
            near = ranges.floorEntry(to);
        }
        ranges.put(from, to);
    }

    /** Takes the sectors from {@code first} up to {@code end} out. */
    void remove(long first, long end) {
        if (first == end) {
            return;
        }
        Map.Entry<Long, Long> near = ranges.lowerEntry(end);
        while (near != null && near.getValue() > first) {
            ranges.remove(near.getKey());
            if (near.getValue() > end) {
                ranges.put(end, near.getValue());
            }
            if (near.getKey() < first) {
                ranges.put(near.getKey(), first);
            }
            near = ranges.lowerEntry(end);
        }
    }

    void clear() {
        ranges.clear();
    }
}
