package dev.postern.cli.explain;

import dev.postern.cli.device.AskedDevice;
import dev.postern.facts.Fact;
import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;
import dev.postern.quirks.decision.ReservedFeature;

/** What a device offers of the features that count, where nobody said. */
public final class OfferedFeatures {

    /** The provenance of what {@code postern boot}'s devices offer by themselves, on every platform. */
    public static final String BY_DEFAULT = "as postern boot's devices, unless features= says otherwise";

    private static final String LEGACY = "a legacy interface has feature bits 0 to 31 only";
    private static final String NOT_RECORDED = "not recorded, the usual value";

    private OfferedFeatures() {}

    /** The facts with a word on each feature. */
    public static FactSheet filled(FactSheet facts, AskedDevice.Origin origin) {
        boolean legacy = facts.is(FactName.TRANSPORT, "legacy-pci") || facts.is(FactName.TRANSPORT, "legacy-mmio");
        FactSheet filled = facts;
        for (ReservedFeature feature : ReservedFeature.values()) {
            if (!facts.known().containsKey(feature.fact())) {
                String word = feature == ReservedFeature.VERSION_1 && !legacy ? "offered" : "absent";
                String source = legacy ? LEGACY : origin == AskedDevice.Origin.RECORDED ? NOT_RECORDED : BY_DEFAULT;
                filled = filled.with(feature.fact(), Fact.of(word, source));
            }
        }
        return filled;
    }
}
