package dev.postern.emulated.pci;

/** Takes the interrupt pins of the root bus to the interrupt controller. */
public interface InterruptRouter {

    /** A pin of a root bus slot was asserted; pin 0 is INTA. */
    void raise(int slot, int pin);

    /** A pin of a root bus slot was let go. */
    void lower(int slot, int pin);
}
