package dev.postern.dma.backend;

import dev.postern.dma.DmaMappingException;
import dev.postern.memory.PhysRange;

/** Where a context has the pages of its coherent buffers from: whole pages that nobody else uses. */
sealed interface CoherentPages permits FrameCoherentPages, SharedCoherentPages, PooledCoherentPages {

    /**
     * Takes zeroed pages.
     *
     * @param bytes at least 1
     * @param alignment of the first guest-physical address, a power of two
     * @throws DmaMappingException when there are none
     */
    PhysRange take(long bytes, long alignment);

    /** Gives pages back. */
    void giveBack(PhysRange run);
}
