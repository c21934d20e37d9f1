package dev.postern.lab;

/** The features that every machine can be told to offer or to withhold. */
public enum AdjustableFeature {
    /** Tables of indirect descriptors. */
    INDIRECT_DESC("indirect_desc", 28),
    /** Both sides say at which index they want to be notified. */
    EVENT_IDX("event_idx", 29),
    /** Memory accesses go as the platform says. */
    ACCESS_PLATFORM("access_platform", 33),
    /** One queue can be reset alone. */
    RING_RESET("ring_reset", 40);

    private final String label;
    private final int bit;

    AdjustableFeature(String label, int bit) {
        this.label = label;
        this.bit = bit;
    }

    /** The name on the command line. */
    public String label() {
        return label;
    }

    /** The number of the feature bit. */
    public int bit() {
        return bit;
    }
}
