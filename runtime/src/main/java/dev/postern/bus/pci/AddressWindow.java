package dev.postern.bus.pci;

import dev.postern.memory.PhysRange;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.TreeMap;

/** Addresses that can be given away, lowest first. */
final class AddressWindow {

    private final PhysRange whole;
    /** Gaps: first address to the address after the last. */
    private final NavigableMap<Long, Long> gaps = new TreeMap<>();

    AddressWindow(PhysRange whole) {
        this.whole = whole;
        gaps.put(whole.basePa(), whole.endPa());
    }

    /** Takes {@code size} bytes aligned to a power of two; empty if no gap has room. */
    OptionalLong take(long size, long alignment) {
        for (var gap : gaps.entrySet()) {
            long base = gap.getKey();
            long end = gap.getValue();
            long pa = (base + alignment - 1) & -alignment;
            if (pa >= base && pa <= end - size) {
                gaps.remove(base);
                if (base < pa) {
                    gaps.put(base, pa);
                }
                if (pa + size < end) {
                    gaps.put(pa + size, end);
                }
                return OptionalLong.of(pa);
            }
        }
        return OptionalLong.empty();
    }

    /** Size of the largest gap in bytes, 0 when nothing is left. */
    long largestGap() {
        return gaps.entrySet().stream()
                .mapToLong(gap -> gap.getValue() - gap.getKey())
                .max()
                .orElse(0);
    }

    @Override
    public String toString() {
        return "the window " + whole;
    }
}
