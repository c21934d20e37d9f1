package dev.postern.virtio;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A virtio device type: its number and what its feature bits are called.
 *
 * @param id the number the specification gives the type
 * @param name one word for the log and for device names, such as {@code blk}
 * @param featureNames names of the bits that belong to this type
 */
public record DeviceType(int id, String name, Map<Integer, String> featureNames) {

    /** Copies the map. */
    public DeviceType {
        featureNames = Map.copyOf(featureNames);
    }

    /** The names of a set's bits in ascending order; a bit without a name is {@code bit-N}. */
    public List<String> namesOf(FeatureSet set) {
        return set.bits().mapToObj(this::nameOf).toList();
    }

    private String nameOf(int bit) {
        Map<Integer, String> all = new HashMap<>(featureNames);
        all.putAll(ReservedFeatures.NAMES);
        return all.getOrDefault(bit, "bit-" + bit);
    }
}
