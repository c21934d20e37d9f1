package dev.postern.dma.backend;

import dev.postern.memory.PhysRange;

/** What it takes that a device and the CPU see the same bytes. */
sealed interface Coherency permits Snooped, NotSnooped {

    /** Bytes that must not be divided between the device and anybody else, a power of two; 1 when bytes are apart anyway. */
    int lineBytes();

    /** What the CPU stored in a range is there for the device afterwards. Whole lines are concerned. */
    void toDevice(long pa, long length);

    /**
     * What the device stored in a range is there for the CPU afterwards. Whole lines are concerned, and stores of the CPU that were not
     * handed {@link #toDevice} are lost.
     */
    void toCpu(long pa, long length);

    /** Both sides are going to use pages at the same time; what they hold stays. */
    void beginSharedUse(PhysRange pages);

    /** The CPU has the pages for itself again; what they hold stays. */
    void endSharedUse(PhysRange pages);
}
