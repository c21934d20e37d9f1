package dev.postern.boot;

/** The guest could not come up at all; the message is one line that says why. */
public final class BootException extends Exception {

    private static final long serialVersionUID = 1;

    /** Says why, in one line. */
    public BootException(String message, Throwable cause) {
        super(message, cause);
    }
}
