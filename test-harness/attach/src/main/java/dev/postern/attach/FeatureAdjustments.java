package dev.postern.attach;

import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Features that a device is to offer or to withhold, other than QEMU would by itself. Immutable.
 *
 * @param offered the features by name; true offers, false withholds; what QEMU does anyway is left out
 */
public record FeatureAdjustments(SortedMap<String, Boolean> offered) {

    private static final String PACKED = "packed";

    /** The specification's name for it. */
    private static final String RING_PACKED = "ring_packed";

    /** The features' names, and what QEMU calls the property. Those of disks are of no other device. */
    private static final Map<String, String> PROPERTIES = Map.ofEntries(
            Map.entry(PACKED, "packed"),
            Map.entry("event_idx", "event_idx"),
            Map.entry("indirect_desc", "indirect_desc"),
            Map.entry("access_platform", "iommu_platform"),
            Map.entry("ring_reset", "queue_reset"),
            Map.entry("config_wce", "config-wce"),
            Map.entry("discard", "discard"),
            Map.entry("write_zeroes", "write-zeroes"));

    /** What QEMU 7.2 never offers, so that it needs not be told to withhold it. */
    private static final Set<String> NEVER = Set.of(
            "in_order",
            "order_platform",
            "notification_data",
            "notif_config_data",
            "size_max",
            "lifetime",
            "secure_erase",
            "zoned");

    /** What QEMU's disks always offer, so that they need not be told to. */
    private static final Set<String> ALWAYS = Set.of("version_1", "seg_max", "blk_size", "flush", "topology");

    private static final Pattern TERM = Pattern.compile("([+-])([a-z0-9_]+)");

    /**
     * Checks the names.
     *
     * @throws MachineConfigurationException when QEMU has no such feature
     */
    public FeatureAdjustments {
        TreeMap<String, Boolean> told = new TreeMap<>();
        offered.forEach((name, offer) -> {
            String feature = name.equals(RING_PACKED) ? PACKED : name;
            if (needsTelling(feature, offer)) {
                told.put(feature, offer);
            }
        });
        offered = Collections.unmodifiableSortedMap(told);
    }

    private static boolean needsTelling(String feature, boolean offer) {
        if (NEVER.contains(feature)) {
            if (offer) {
                throw new MachineConfigurationException(
                        "feature '%s': QEMU's devices cannot offer it: leave it out, or use another machine"
                                .formatted(feature));
            }
            return false;
        }
        if (ALWAYS.contains(feature)) {
            if (!offer) {
                throw new MachineConfigurationException(
                        "feature '%s': QEMU's devices cannot withhold it: leave it out, or use another machine"
                                .formatted(feature));
            }
            return false;
        }
        if (!PROPERTIES.containsKey(feature)) {
            throw new MachineConfigurationException("no feature '%s' can be adjusted on QEMU: use one of %s"
                    .formatted(feature, String.join(", ", new TreeSet<>(PROPERTIES.keySet()))));
        }
        return true;
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
