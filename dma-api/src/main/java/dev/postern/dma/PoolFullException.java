package dev.postern.dma;

/**
 * A bounce pool or a grant table has no room for a mapping now. Mappings that end make room, so a driver with requests in flight
 * tries again after one of them; without any, the pool or table is too small. The message names it, says how full it is, and what
 * to raise.
 */
public final class PoolFullException extends DmaMappingException {

    private static final long serialVersionUID = 1;

    /** Reports it, in one line. */
    public PoolFullException(String message) {
        super(message);
    }
}
