package dev.postern.emulated.dma;

/** Memory that a device keeps mapped between accesses, such as the parts of a queue, until it lets go of it. */
public interface Hold {

    /** Where there is nothing to map. */
    Hold NONE = () -> {};

    /** Lets go of it; once. */
    void end();
}
