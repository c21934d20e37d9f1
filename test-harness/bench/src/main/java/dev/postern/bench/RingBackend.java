package dev.postern.bench;

import dev.postern.dma.DmaConstraints;
import dev.postern.dma.DmaContext;
import dev.postern.dma.DmaContexts;
import dev.postern.dma.DmaPlan;

/** The DMA backends that a process of {@code bench ring} has live, in the order in which they join. The first is timed. */
enum RingBackend {
    DIRECT,
    BOUNCED,
    HOSTILE;

    private static final long SEED = 1;

    /** A context of its own. */
    DmaContext open(RingRam ram) {
        return switch (this) {
            case DIRECT -> open(ram, new DmaPlan.Direct(0));
            case BOUNCED -> open(ram, new DmaPlan.Bounced(new DmaPlan.Direct(0)));
            case HOSTILE -> DmaContexts.hostile(SEED, ram.frames(), DmaConstraints.NONE, "bench");
        };
    }

    private static DmaContext open(RingRam ram, DmaPlan plan) {
        return DmaContexts.open(plan, ram.memory(), DmaConstraints.NONE, "bench");
    }
}
