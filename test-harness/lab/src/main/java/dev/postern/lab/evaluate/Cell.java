package dev.postern.lab.evaluate;

import dev.postern.quirks.decision.Strictness;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * One experiment: a guest on a platform, with a disk.
 *
 * @param preset what the machine is built as; the guest finds out by itself
 * @param offered what the disk offers
 * @param trait what else is special about it
 * @param strictness whether the guest serves what it could serve only with reservations
 */
public record Cell(String preset, OfferedFeatures offered, DeviceTrait trait, Strictness strictness) {

    /** Seeds have 48 bits, so that a JSON number holds them. */
    private static final int SEED_SHIFT = 16;

    /** No part may be missing. */
    public Cell {
        Objects.requireNonNull(preset);
        Objects.requireNonNull(offered);
        Objects.requireNonNull(trait);
        Objects.requireNonNull(strictness);
    }

    /** Its name, which stays the same whatever other cells there are, such as {@code sev-snp/va/narrow/strict}. */
    public String id() {
        return String.join("/", preset, offered.word(), trait.word(), word(strictness));
    }

    /** The word for a strictness in an id. */
    public static String word(Strictness strictness) {
        return switch (strictness) {
            case SERVE -> "serve";
            case REFUSE -> "strict";
        };
    }

    /**
     * The seed of all that is random in this cell.
     *
     * @param sweepSeed the seed of the sweep that the cell is part of, or is run again from
     * @return 48 bits
     */
    public long seed(long sweepSeed) {
        long state = mixed(sweepSeed);
        for (byte letter : id().getBytes(StandardCharsets.UTF_8)) {
            state = mixed(state + letter);
        }
        return state >>> SEED_SHIFT;
    }

    /** SplitMix64. */
    private static long mixed(long value) {
        long z = value + 0x9e3779b97f4a7c15L;
        z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }
}
