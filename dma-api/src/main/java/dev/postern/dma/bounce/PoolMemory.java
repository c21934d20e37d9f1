package dev.postern.dma.bounce;

import dev.postern.memory.OutOfFramesException;
import dev.postern.memory.PhysRange;
import dev.postern.memory.PhysicalMemory;
import dev.postern.platform.SharingFailedException;

/** Where a pool has its memory from. One thread at a time. */
sealed interface PoolMemory permits FramePoolMemory, PlatformPoolMemory, RestrictedPoolMemory {

    /** The RAM that it is part of. */
    PhysicalMemory ram();

    /** Bytes that every piece is a multiple of. */
    long granuleBytes();

    /** The most bytes there can ever be. */
    long mostBytes();

    /** The address by which a device reaches a byte, before any offset of the bus. */
    long sharedAlias(long pa);

    /**
     * Takes a piece.
     *
     * @param bytes whole granules
     * @param alignment of its first address, a power of two; a wish that pieces of a given place need not fulfil
     * @throws OutOfFramesException when there is none
     * @throws SharingFailedException when the platform refuses to share it
     */
    PhysRange take(long bytes, long alignment) throws SharingFailedException;

    /** Gives a piece back. */
    void giveBack(PhysRange piece);
}
