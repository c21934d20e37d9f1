package dev.postern.dma.backend;

import dev.postern.dma.DmaMappingException;
import dev.postern.memory.PhysRange;

/** Where a bounced context has the pages of its coherent buffers from: whole pages that the device can reach, and no one shares. */
sealed interface CoherentPages permits SharedCoherentPages, PooledCoherentPages {

    /**
     * Takes zeroed pages.
     *
     * @throws DmaMappingException when there are none
     */
    PhysRange take(long bytes, long alignment);

    /** Gives pages back. */
    void giveBack(PhysRange run);

    /** The address by which a device reaches a byte, before any offset of the bus. */
    long sharedAlias(long pa);
}
