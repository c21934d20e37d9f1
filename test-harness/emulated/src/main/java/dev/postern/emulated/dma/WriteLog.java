package dev.postern.emulated.dma;

import dev.postern.emulated.SharedPages.Range;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Where devices stored since a mark: ranges of guest-physical addresses, joined where they touch. */
public final class WriteLog {

    /** From the first address of a range to the first behind it. */
    private final TreeMap<Long, Long> ranges = new TreeMap<>();

    /** An empty log. */
    public WriteLog() {
        // The first mark is the machine's birth.
    }

    /** Forgets everything. */
    public void mark() {
        ranges.clear();
    }

    /** Where devices stored since the mark, ascending. */
    public List<Range> ranges() {
        return ranges.entrySet().stream()
                .map(range -> new Range(range.getKey(), range.getValue() - range.getKey()))
                .toList();
    }

    /** A device stored a range; one that is no RAM is left out. */
    void wrote(long pa, long length) {
        if (pa == DmaView.NOWHERE) {
            return;
        }
        long from = pa;
        long to = pa + length;
        Map.Entry<Long, Long> before = ranges.floorEntry(to);
        while (before != null && before.getValue() >= from) {
            from = Math.min(from, before.getKey());
            to = Math.max(to, before.getValue());
            ranges.remove(before.getKey());
            before = ranges.floorEntry(to);
        }
        ranges.put(from, to);
    }
}
