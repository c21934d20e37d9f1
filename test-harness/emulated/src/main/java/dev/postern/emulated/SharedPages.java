package dev.postern.emulated;

import java.util.List;

/**
 * The pages that the host, and so every device, sees as shared at one moment. On a plain machine that is all RAM.
 *
 * @param count how many pages
 * @param pageBytes size of one, 4096 or 65536
 * @param ranges where they are, ascending, adjacent pages joined
 */
public record SharedPages(long count, long pageBytes, List<Range> ranges) {

    /** Keeps a copy of the ranges. */
    public SharedPages {
        ranges = List.copyOf(ranges);
    }

    /** Whether the page that holds an address is shared. */
    public boolean contains(long pa) {
        return ranges.stream().anyMatch(range -> pa >= range.basePa() && pa - range.basePa() < range.length());
    }

    /**
     * Guest-physical addresses that follow each other.
     *
     * @param basePa guest-physical address of the first byte
     * @param length in bytes
     */
    public record Range(long basePa, long length) {}
}
