package dev.postern.quirks.decision;

/** Whether the device and the guest's caches see the same memory by themselves. */
public enum Coherency {
    /** They do: syncs cost nothing. */
    COHERENT("coherent"),
    /** They do not: syncs must write back and invalidate. */
    NON_COHERENT("non-coherent");

    private final String word;

    Coherency(String word) {
        this.word = word;
    }

    /** The word for it in explanations and test vectors. */
    public String word() {
        return word;
    }
}
