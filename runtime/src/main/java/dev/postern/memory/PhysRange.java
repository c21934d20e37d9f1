package dev.postern.memory;

/**
 * A range of guest-physical addresses.
 *
 * @param basePa the first address, 0 or more
 * @param length size in bytes, at least 1; the range ends below 2<sup>63</sup>
 */
public record PhysRange(long basePa, long length) {

    /** Refuses an empty range and one that leaves the 63-bit address space. */
    public PhysRange {
        if (basePa < 0 || length <= 0 || basePa > Long.MAX_VALUE - length) {
            throw new IllegalArgumentException(
                    "physical range 0x%x, length 0x%x: it must be at least one byte and end below 2^63"
                            .formatted(basePa, length));
        }
    }

    /** The range from {@code basePa} up to, not including, {@code endPa}. */
    public static PhysRange between(long basePa, long endPa) {
        return new PhysRange(basePa, endPa - basePa);
    }

    /** The first address after the range. */
    public long endPa() {
        return basePa + length;
    }

    /** Whether the address lies inside. */
    public boolean contains(long pa) {
        return pa >= basePa && pa < endPa();
    }

    /** Whether all {@code bytes} bytes from {@code pa} lie inside; never for a negative number of bytes. */
    public boolean contains(long pa, long bytes) {
        return pa >= basePa && bytes >= 0 && bytes <= length && pa - basePa <= length - bytes;
    }

    /** Whether the other range lies wholly inside. */
    public boolean contains(PhysRange other) {
        return contains(other.basePa, other.length);
    }

    /** Whether the two ranges share at least one address. */
    public boolean overlaps(PhysRange other) {
        return basePa < other.endPa() && other.basePa < endPa();
    }

    @Override
    public String toString() {
        return "0x%x-0x%x".formatted(basePa, endPa() - 1);
    }
}
