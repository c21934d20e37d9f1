package dev.postern.emulated.dma;

/** Who sits at a DMA port, as the bus sees it. */
public interface BusMaster {

    /** The name for messages. */
    String name();

    /** Bus, device and function that an access carries, 16 bits; a conventional bridge puts its own there. */
    int requesterId();

    /** Whether the function and every bridge above it may forward its accesses: the bus master bit in each. */
    boolean mayMaster();
}
