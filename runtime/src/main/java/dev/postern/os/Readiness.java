package dev.postern.os;

/** The flag of one descriptor in a {@link DescriptorSet}. For the thread that waits with the set. */
public final class Readiness implements AutoCloseable {

    private final DescriptorSet set;
    private final int descriptor;
    private final int slot;
    private boolean marked;
    private boolean removed;

    Readiness(DescriptorSet set, int descriptor, int slot) {
        this.set = set;
        this.descriptor = descriptor;
        this.slot = slot;
    }

    int descriptor() {
        return descriptor;
    }

    int slot() {
        return slot;
    }

    void mark() {
        marked = true;
    }

    /** Whether the set has seen an edge since the last call. A plain read and write of memory. */
    public boolean take() {
        boolean was = marked;
        marked = false;
        return was;
    }

    /** Removes the descriptor from the set; to be done before it is closed. Safe to call twice; never throws. */
    @Override
    public void close() {
        if (!removed) {
            removed = true;
            set.remove(this);
        }
    }
}
