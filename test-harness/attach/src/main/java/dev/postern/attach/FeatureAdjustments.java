package dev.postern.attach;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Features that a device is to offer or to withhold, other than QEMU would by itself. Immutable.
 *
 * @param offered the features by name; true offers, false withholds
 */
public record FeatureAdjustments(SortedMap<String, Boolean> offered) {

    /** The features' names, and what QEMU calls the property. */
    private static final Map<String, String> PROPERTIES = Map.of(
            "packed", "packed",
            "event_idx", "event_idx",
            "indirect_desc", "indirect_desc",
            "access_platform", "iommu_platform",
            "ring_reset", "queue_reset");

    private static final Pattern TERM = Pattern.compile("([+-])([a-z0-9_]+)");

    /**
     * Checks the names.
     *
     * @throws MachineConfigurationException when QEMU has no such feature
     */
    public FeatureAdjustments {
        for (String feature : offered.keySet()) {
            if (feature.equals("in_order")) {
                throw new MachineConfigurationException(
                        "feature 'in_order': QEMU's devices cannot offer it: leave it out, or use another machine");
            }
            if (!PROPERTIES.containsKey(feature)) {
                throw new MachineConfigurationException("no feature '%s' can be adjusted on QEMU: use one of %s"
                        .formatted(feature, String.join(", ", new TreeSet<>(PROPERTIES.keySet()))));
            }
        }
        offered = Collections.unmodifiableSortedMap(new TreeMap<>(offered));
    }

    /** The device as QEMU makes it. */
    public static FeatureAdjustments none() {
        return new FeatureAdjustments(new TreeMap<>());
    }

    /**
     * Reads adjustments in the form of the command line, such as {@code +packed-event_idx}.
     *
     * @throws MachineConfigurationException when the form or a name is wrong
     */
    public static FeatureAdjustments parse(String text) {
        TreeMap<String, Boolean> offered = new TreeMap<>();
        Matcher term = TERM.matcher(text);
        int end = 0;
        while (end < text.length() && term.find(end) && term.start() == end) {
            offered.put(term.group(2), term.group(1).equals("+"));
            end = term.end();
        }
        if (end < text.length()) {
            throw new MachineConfigurationException(
                    "features '%s': write + or - before each name, such as +packed-event_idx".formatted(text));
        }
        return new FeatureAdjustments(offered);
    }

    /** These, and the named feature offered. */
    public FeatureAdjustments offer(String feature) {
        return with(feature, true);
    }

    /** These, and the named feature withheld. */
    public FeatureAdjustments withhold(String feature) {
        return with(feature, false);
    }

    private FeatureAdjustments with(String feature, boolean present) {
        TreeMap<String, Boolean> changed = new TreeMap<>(offered);
        changed.put(feature, present);
        return new FeatureAdjustments(changed);
    }

    /** The end of a QEMU device argument: {@code ,name=on} or {@code ,name=off} for each. */
    String asProperties() {
        return offered.entrySet().stream()
                .map(entry -> "," + PROPERTIES.get(entry.getKey()) + (entry.getValue() ? "=on" : "=off"))
                .collect(Collectors.joining());
    }
}
