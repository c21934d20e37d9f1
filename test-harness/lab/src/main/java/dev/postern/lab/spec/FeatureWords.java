package dev.postern.lab.spec;

import dev.postern.lab.AdjustableFeature;
import dev.postern.lab.DiskFeature;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What {@code features=+NAME-NAME...} says.
 *
 * @param any of the features that every device can have: true offers, false withholds
 * @param ofDisks of the features of disks
 */
record FeatureWords(Map<AdjustableFeature, Boolean> any, Map<DiskFeature, Boolean> ofDisks) {

    private static final Pattern CHANGES = Pattern.compile("(?:[+-][A-Za-z0-9_]+)+");
    private static final Pattern CHANGE = Pattern.compile("([+-])([A-Za-z0-9_]+)");

    /** QEMU's word for RING_PACKED. */
    private static final String PACKED = "packed";

    private static final List<String> ANY = Stream.concat(
                    Stream.of(AdjustableFeature.values()).map(AdjustableFeature::label), Stream.of(PACKED))
            .toList();

    /** Of a device that has no features of its own. */
    static FeatureWords ofAny(SpecText text) {
        return read(text, ANY);
    }

    /** Of a disk. */
    static FeatureWords ofDisk(SpecText text) {
        List<String> names = new ArrayList<>(ANY);
        Stream.of(DiskFeature.values()).map(DiskFeature::label).forEach(names::add);
        return read(text, names);
    }

    private static FeatureWords read(SpecText text, List<String> names) {
        Map<AdjustableFeature, Boolean> any = new EnumMap<>(AdjustableFeature.class);
        Map<DiskFeature, Boolean> ofDisks = new EnumMap<>(DiskFeature.class);
        String features = text.options().get("features");
        if (features == null) {
            return new FeatureWords(any, ofDisks);
        }
        if (!CHANGES.matcher(features).matches()) {
            throw text.wrong("features=%s: write + or - before each name, such as features=+access_platform-event_idx"
                    .formatted(features));
        }
        Choice<String> known = Choice.of("feature of " + text.kind(), names);
        Matcher change = CHANGE.matcher(features);
        while (change.find()) {
            String name = text.said(() -> known.named(change.group(2)));
            boolean offered = change.group(1).equals("+");
            if (put(any, ofDisks, name, offered) != null) {
                throw text.wrong("feature '%s' is given twice: give it once".formatted(name));
            }
        }
        return new FeatureWords(any, ofDisks);
    }

    private static Boolean put(
            Map<AdjustableFeature, Boolean> any, Map<DiskFeature, Boolean> ofDisks, String name, boolean offered) {
        for (AdjustableFeature feature : AdjustableFeature.values()) {
            if (feature.label().equals(name) || feature == AdjustableFeature.RING_PACKED && name.equals(PACKED)) {
                return any.put(feature, offered);
            }
        }
        for (DiskFeature feature : DiskFeature.values()) {
            if (feature.label().equals(name)) {
                return ofDisks.put(feature, offered);
            }
        }
        throw new IllegalStateException("the feature '%s' is known by name alone".formatted(name));
    }
}
