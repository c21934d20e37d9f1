package dev.postern.dma;

/**
 * A bounce pool has no room for a mapping now. Mappings that end make room, so a driver with requests in flight tries again after
 * one of them; without any, the pool is too small. The message names the pool, its size and use, and what to raise.
 */
public final class PoolFullException extends DmaMappingException {

    private static final long serialVersionUID = 1;

    /** Reports it, in one line. */
    public PoolFullException(String message) {
        super(message);
    }
}
