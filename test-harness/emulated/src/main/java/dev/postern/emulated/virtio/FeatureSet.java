package dev.postern.emulated.virtio;

/**
 * A set of feature bits 0 to 127.
 *
 * @param low bits 0 to 63
 * @param high bits 64 to 127
 */
public record FeatureSet(long low, long high) {

    /** No bits. */
    public static final FeatureSet NONE = new FeatureSet(0, 0);

    /** The given bits. */
    public static FeatureSet of(int... bits) {
        FeatureSet set = NONE;
        for (int bit : bits) {
            set = set.with(bit);
        }
        return set;
    }

    /** Whether a bit is in the set. */
    public boolean has(int bit) {
        return ((bit < 64 ? low : high) & 1L << (bit & 63)) != 0;
    }

    /** This set and one more bit. */
    public FeatureSet with(int bit) {
        long mask = 1L << (bit & 63);
        return bit < 64 ? new FeatureSet(low | mask, high) : new FeatureSet(low, high | mask);
    }

    /** This set but one bit. */
    public FeatureSet without(int bit) {
        long mask = 1L << (bit & 63);
        return bit < 64 ? new FeatureSet(low & ~mask, high) : new FeatureSet(low, high & ~mask);
    }

    /** The bits of this set that the other lacks. */
    FeatureSet minus(FeatureSet other) {
        return new FeatureSet(low & ~other.low, high & ~other.high);
    }

    /** Bits 32 * page to 32 * page + 31; 0 for a page beyond the last. Pages compare as unsigned numbers. */
    int page(int page) {
        return switch (page) {
            case 0 -> (int) low;
            case 1 -> (int) (low >>> 32);
            case 2 -> (int) high;
            case 3 -> (int) (high >>> 32);
            default -> 0;
        };
    }

    /** This set with one page replaced; a page beyond the last changes nothing. */
    FeatureSet withPage(int page, int value) {
        long bits = value & 0xffff_ffffL;
        return switch (page) {
            case 0 -> new FeatureSet(low & 0xffff_ffff_0000_0000L | bits, high);
            case 1 -> new FeatureSet(low & 0xffff_ffffL | bits << 32, high);
            case 2 -> new FeatureSet(low, high & 0xffff_ffff_0000_0000L | bits);
            case 3 -> new FeatureSet(low, high & 0xffff_ffffL | bits << 32);
            default -> this;
        };
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("{");
        for (int bit = 0; bit < 128; bit++) {
            if (has(bit)) {
                text.append(text.length() == 1 ? "" : " ").append(bit);
            }
        }
        return text.append('}').toString();
    }
}
