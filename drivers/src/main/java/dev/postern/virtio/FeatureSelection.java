package dev.postern.virtio;

import java.util.Map;

/**
 * Which of the offered features to accept. A pure function of its inputs.
 *
 * @param supported what the driver can make use of (content:142: nothing else is accepted)
 * @param withheld bits that the user takes away, to see how a device behaves without them
 * @param prerequisites for a bit, the bits without which it must not be accepted (content:143)
 */
public record FeatureSelection(FeatureSet supported, FeatureSet withheld, Map<Integer, FeatureSet> prerequisites) {

    /** Copies the map. */
    public FeatureSelection {
        prerequisites = Map.copyOf(prerequisites);
    }

    /**
     * The features to accept.
     *
     * @param offered by the device; unknown bits are ignored (content:147)
     * @param decided bits that the DMA decision accepts on the platform's behalf; the others of those that only it may
     *     accept are left out
     */
    public FeatureSet accept(FeatureSet offered, FeatureSet decided) {
        FeatureSet accepted = offered.intersect(supported.union(decided)).minus(withheld);
        FeatureSet before;
        do {
            before = accepted;
            for (var rule : prerequisites.entrySet()) {
                if (accepted.has(rule.getKey()) && !accepted.containsAll(rule.getValue())) {
                    accepted = accepted.minus(FeatureSet.of(rule.getKey()));
                }
            }
        } while (!accepted.equals(before));
        return accepted;
    }
}
