package dev.postern.dma;

import java.lang.foreign.MemorySegment;

/**
 * Memory that driver and device use at the same time. It needs no syncs; each access needs its own memory order. It
 * belongs to whoever allocated it until {@link #close()}.
 */
public interface CoherentBuffer extends AutoCloseable {

    /** The bytes, as the CPU sees them. */
    MemorySegment segment();

    /** The address of byte 0 as the device sees it. */
    long deviceAddress();

    /** Gives the memory back. The device must be done with it. A second call is an error. */
    @Override
    void close();
}
