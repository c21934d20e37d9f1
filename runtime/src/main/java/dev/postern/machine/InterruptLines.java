package dev.postern.machine;

/**
 * The inputs of the interrupt controller, seen as levels. Nothing is ever called back from here: a device raises its
 * line, and the guest looks when it chooses to.
 */
public interface InterruptLines {

    /** How many global system interrupts (GSI) there are; they are numbered from 0. */
    int count();

    /**
     * Whether a device holds the line now. A level stays until the device drops it, usually because the guest read its
     * interrupt status.
     *
     * @param gsi 0 to {@link #count()} - 1
     */
    boolean asserted(int gsi);
}
