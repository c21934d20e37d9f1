package dev.postern.quirks.decision;

/** Whom the fences of this JVM order memory accesses against. */
public enum FenceReach {
    /** The guest's CPUs and every device: the fences are as strong as hardware devices need. */
    CPUS_AND_DEVICES("fences order accesses for devices"),
    /** Only the guest's CPUs: a device outside their coherence domain may see another order. */
    CPUS_ONLY("fences order accesses for CPUs only");

    private final String words;

    FenceReach(String words) {
        this.words = words;
    }

    @Override
    public String toString() {
        return words;
    }
}
