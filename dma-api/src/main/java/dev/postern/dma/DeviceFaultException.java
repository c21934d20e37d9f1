package dev.postern.dma;

/** A device accessed what it may not. The message names the device, the access, and what is or was mapped there. */
public final class DeviceFaultException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /** Reports it, in one line. */
    public DeviceFaultException(String message) {
        super(message);
    }
}
