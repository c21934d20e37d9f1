package dev.postern.cli.device;

import dev.postern.cli.words.NameList;
import dev.postern.virtio.DeviceType;
import dev.postern.virtio.FeatureSet;
import dev.postern.virtio.blk.BlkFeatures;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The names of the features that a command line may change, and their bits. */
public final class FeatureNames {

    /** QEMU's word, and shorter. */
    private static final String PACKED = "packed";

    private static final String RING_PACKED = "ring_packed";
    private static final Map<String, Integer> BITS = bits(BlkFeatures.TYPE);

    private FeatureNames() {}

    /** All of them. */
    static NameList all() {
        return NameList.of("feature", BITS.keySet());
    }

    /** The bit of a feature that {@link FeatureChanges} took. */
    public static int bit(String name) {
        return BITS.get(name);
    }

    /** What QEMU's side of the house calls a feature. */
    public static String onQemu(String name) {
        return name.equals(RING_PACKED) ? PACKED : name;
    }

    private static Map<String, Integer> bits(DeviceType type) {
        List<String> names =
                type.namesOf(FeatureSet.of(IntStream.range(0, FeatureSet.BITS).toArray()));
        Map<String, Integer> bits = new LinkedHashMap<>();
        for (int bit = 0; bit < names.size(); bit++) {
            String name = names.get(bit);
            // A bit without a name is called by its number; nobody can serve it.
            if (!name.equals("bit-" + bit)) {
                bits.put(name, bit);
                if (name.equals(RING_PACKED)) {
                    bits.put(PACKED, bit);
                }
            }
        }
        return bits;
    }
}
