package dev.postern.virtio;

import java.util.stream.IntStream;

/**
 * A set of feature bits, 0 to 127.
 *
 * <p>Two words because device types use bits beyond 63 (virtio 1.4 gives network devices 64 to 70).
 *
 * @param low bits 0 to 63
 * @param high bits 64 to 127
 */
public record FeatureSet(long low, long high) {

    /** How many bits a set can hold. */
    public static final int BITS = 128;

    /** No feature at all. */
    public static final FeatureSet EMPTY = new FeatureSet(0, 0);

    /** The set of exactly these bits. */
    public static FeatureSet of(int... bits) {
        FeatureSet set = EMPTY;
        for (int bit : bits) {
            set = set.with(bit);
        }
        return set;
    }

    /** Whether the bit is in the set; false for any bit beyond 127. */
    public boolean has(int bit) {
        return bit >= 0 && bit < BITS && ((bit < 64 ? low : high) & 1L << bit) != 0;
    }

    /** This set and one more bit, 0 to 127. */
    public FeatureSet with(int bit) {
        if (bit < 0 || bit >= BITS) {
            throw new IllegalArgumentException("feature bit %d: give 0 to %d".formatted(bit, BITS - 1));
        }
        return bit < 64 ? new FeatureSet(low | 1L << bit, high) : new FeatureSet(low, high | 1L << bit);
    }

    /** What is in both sets. */
    public FeatureSet intersect(FeatureSet other) {
        return new FeatureSet(low & other.low, high & other.high);
    }

    /** What is in either set. */
    public FeatureSet union(FeatureSet other) {
        return new FeatureSet(low | other.low, high | other.high);
    }

    /** What is here and not in the other set. */
    public FeatureSet minus(FeatureSet other) {
        return new FeatureSet(low & ~other.low, high & ~other.high);
    }

    /** Whether every bit of the other set is here. */
    public boolean containsAll(FeatureSet other) {
        return other.minus(this).equals(EMPTY);
    }

    /** The bits, ascending. */
    public IntStream bits() {
        return IntStream.range(0, BITS).filter(this::has);
    }

    /** The 32 bits of page {@code select}, as a transport's feature window shows them; 0 beyond page 3. */
    public int page(int select) {
        return switch (select) {
            case 0 -> (int) low;
            case 1 -> (int) (low >>> 32);
            case 2 -> (int) high;
            case 3 -> (int) (high >>> 32);
            default -> 0;
        };
    }

    /** The set made of the 32-bit pages 0 to 3 of a transport's feature window. */
    public static FeatureSet ofPages(int page0, int page1, int page2, int page3) {
        return new FeatureSet(
                Integer.toUnsignedLong(page0) | (long) page1 << 32, Integer.toUnsignedLong(page2) | (long) page3 << 32);
    }

    @Override
    public String toString() {
        return high == 0 ? "0x%x".formatted(low) : "0x%x%016x".formatted(high, low);
    }

    /** Written out, as is the hash: those of a record are put together anew at every start. */
    @Override
    public boolean equals(Object other) {
        return other instanceof FeatureSet set && low == set.low && high == set.high;
    }

    @Override
    public int hashCode() {
        return 31 * Long.hashCode(low) + Long.hashCode(high);
    }
}
