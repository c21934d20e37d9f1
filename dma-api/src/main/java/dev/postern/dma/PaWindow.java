package dev.postern.dma;

/**
 * A range of guest-physical addresses, both ends included, as unsigned numbers: so it can be all of them.
 *
 * @param firstPa the first address
 * @param lastPa the last address, not below the first
 */
public record PaWindow(long firstPa, long lastPa) {

    /** Every address. */
    public static final PaWindow ALL = new PaWindow(0, -1L);

    /** Rejects a window without an address. */
    public PaWindow {
        if (Long.compareUnsigned(firstPa, lastPa) > 0) {
            throw new IllegalArgumentException(
                    "a window from 0x%x to 0x%x has no address: give the last after the first"
                            .formatted(firstPa, lastPa));
        }
    }

    /** Whether all of a range lies inside; the length is at least 1. */
    public boolean contains(long pa, long length) {
        long last = pa + length - 1;
        return Long.compareUnsigned(pa, last) <= 0
                && Long.compareUnsigned(firstPa, pa) <= 0
                && Long.compareUnsigned(last, lastPa) <= 0;
    }
}
