package dev.postern.quirks.decision;

import dev.postern.quirks.FactName;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** The reserved feature bits that the decision reads (virtio 1.4, Reserved Feature Bits). */
public enum ReservedFeature {
    /** The device follows the specification from 1.0 on, and not a legacy interface. */
    VERSION_1(32, FactName.VERSION_1),
    /** The platform says how the device's accesses are limited or translated. */
    ACCESS_PLATFORM(33, FactName.ACCESS_PLATFORM),
    /** The device orders its accesses as hardware does. */
    ORDER_PLATFORM(36, FactName.ORDER_PLATFORM);

    /** All of them, in order. */
    static final List<ReservedFeature> ALL = List.of(values());

    /** Every set of them, at the index whose bits are the ordinals of the members. */
    private static final List<Set<ReservedFeature>> SETS = sets();

    private final int bit;
    private final FactName fact;

    ReservedFeature(int bit, FactName fact) {
        this.bit = bit;
        this.fact = fact;
    }

    /** The fact whether a device offers it. */
    public FactName fact() {
        return fact;
    }

    /** The number of the feature bit, 0 to 63. */
    public int bit() {
        return bit;
    }

    /** The feature bit as a mask. */
    public long mask() {
        return 1L << bit;
    }

    /**
     * The reserved features that a feature word has set.
     *
     * @param features feature bits 0 to 63, as the device offers them; other bits are left out of the answer
     * @return an immutable set
     */
    public static Set<ReservedFeature> in(long features) {
        int index = 0;
        for (ReservedFeature feature : ALL) {
            if ((features & feature.mask()) != 0) {
                index |= 1 << feature.ordinal();
            }
        }
        return SETS.get(index);
    }

    /** The immutable set of the same features, in the order of their bits whoever prints it. */
    static Set<ReservedFeature> copyOf(Set<ReservedFeature> features) {
        return in(bits(features));
    }

    private static List<Set<ReservedFeature>> sets() {
        List<Set<ReservedFeature>> sets = new ArrayList<>();
        for (int index = 0; index < 1 << ALL.size(); index++) {
            Set<ReservedFeature> set = EnumSet.noneOf(ReservedFeature.class);
            for (ReservedFeature feature : ALL) {
                if ((index & 1 << feature.ordinal()) != 0) {
                    set.add(feature);
                }
            }
            sets.add(Collections.unmodifiableSet(set));
        }
        return List.copyOf(sets);
    }

    /** The feature bits 0 to 63 of a set. */
    public static long bits(Set<ReservedFeature> features) {
        long bits = 0;
        for (ReservedFeature feature : features) {
            bits |= feature.mask();
        }
        return bits;
    }
}
