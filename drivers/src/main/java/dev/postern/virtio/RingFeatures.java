package dev.postern.virtio;

/** The features of rings, which every driver makes use of because its queues do. */
public final class RingFeatures {

    /** What the rings here can do. */
    public static final FeatureSet SUPPORTED = FeatureSet.of(
            ReservedFeatures.INDIRECT_DESC,
            ReservedFeatures.EVENT_IDX,
            ReservedFeatures.RING_PACKED,
            ReservedFeatures.IN_ORDER);

    private RingFeatures() {}
}
