package dev.postern.dma;

/** A range could not be mapped, or memory for the device could not be had. The message says what to change. */
public sealed class DmaMappingException extends RuntimeException permits PoolFullException {

    private static final long serialVersionUID = 1;

    /** Reports it, in one line. */
    public DmaMappingException(String message) {
        super(message);
    }
}
