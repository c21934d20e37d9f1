package dev.postern.lab.evaluate;

import dev.postern.quirks.decision.ReservedFeature;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Which of the reserved features that decide about addresses a device offers.
 *
 * @param features those that it offers; the set is immutable and in the order of the bits
 */
public record OfferedFeatures(Set<ReservedFeature> features) {

    private static final String NONE = "none";

    /** Copies the set. */
    public OfferedFeatures {
        EnumSet<ReservedFeature> copy = EnumSet.noneOf(ReservedFeature.class);
        copy.addAll(features);
        features = Collections.unmodifiableSet(copy);
    }

    /** Every subset, the one with all features first. */
    public static List<OfferedFeatures> subsets() {
        ReservedFeature[] all = ReservedFeature.values();
        List<OfferedFeatures> subsets = new ArrayList<>();
        for (int left = 0; left < 1 << all.length; left++) {
            EnumSet<ReservedFeature> subset = EnumSet.allOf(ReservedFeature.class);
            for (int i = 0; i < all.length; i++) {
                // The last feature varies fastest.
                if ((left >> all.length - 1 - i & 1) != 0) {
                    subset.remove(all[i]);
                }
            }
            subsets.add(new OfferedFeatures(subset));
        }
        return subsets;
    }

    /** Whether one is offered. */
    public boolean has(ReservedFeature feature) {
        return features.contains(feature);
    }

    /** The first letters of those offered, such as {@code va} for VERSION_1 and ACCESS_PLATFORM, or {@code none}. */
    public String word() {
        StringBuilder word = new StringBuilder();
        features.forEach(feature -> word.append(feature.name().charAt(0)));
        return word.isEmpty() ? NONE : word.toString().toLowerCase(Locale.ROOT);
    }
}
