package dev.postern.cli.device;

import dev.postern.cli.WrongCallException;
import dev.postern.cli.words.NameList;
import dev.postern.virtio.FeatureSet;
import dev.postern.virtio.ReservedFeatures;
import dev.postern.virtio.blk.BlkFeatures;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/** The names of the features that can be spoken of. */
public final class FeatureNames {

    /** QEMU's word for the packed ring, and a shorter one. */
    private static final String PACKED = "packed";

    private static final String RING_PACKED = "ring_packed";
    /** Only the legacy interface has them: barrier, scsi, notify_on_empty, any_layout. */
    private static final Set<Integer> LEGACY = Set.of(0, 7, 24, 27);

    private static final Map<String, Integer> BITS = bits();

    private FeatureNames() {}

    /** Those that a disk can have. */
    static NameList ofDisk() {
        return NameList.of("feature of a disk", BITS.keySet());
    }

    /** Those that any device can have: the reserved ones. */
    static NameList ofAny() {
        return NameList.of(
                "feature of this device",
                BITS.entrySet().stream()
                        .filter(feature -> feature.getValue() >= ReservedFeatures.INDIRECT_DESC)
                        .map(Map.Entry::getKey)
                        .toList());
    }

    /**
     * The features of a list such as {@code event_idx,indirect_desc}.
     *
     * @param what the option that has it, for the message
     * @throws WrongCallException when a name is unknown; the message has the nearest, and all of them
     */
    public static FeatureSet parse(String what, String list) {
        NameList names = NameList.of("feature", BITS.keySet());
        FeatureSet features = FeatureSet.EMPTY;
        for (String name : list.split(",", -1)) {
            if (name.isEmpty()) {
                throw new WrongCallException(
                        "%s '%s': a name is empty: write names with a comma between, such as event_idx,indirect_desc"
                                .formatted(what, list));
            }
            features = features.union(FeatureSet.of(BITS.get(names.require(name))));
        }
        return features;
    }

    private static Map<String, Integer> bits() {
        List<String> names = BlkFeatures.TYPE.namesOf(
                FeatureSet.of(IntStream.range(0, FeatureSet.BITS).toArray()));
        Map<String, Integer> bits = new LinkedHashMap<>();
        for (int bit = 0; bit < names.size(); bit++) {
            String name = names.get(bit);
            // A bit without a name is called by its number; nobody can serve it.
            if (!name.equals("bit-" + bit) && !LEGACY.contains(bit)) {
                bits.put(name, bit);
                if (name.equals(RING_PACKED)) {
                    bits.put(PACKED, bit);
                }
            }
        }
        return bits;
    }
}
