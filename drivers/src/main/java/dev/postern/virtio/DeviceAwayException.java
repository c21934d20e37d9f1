package dev.postern.virtio;

/**
 * The device cannot be reached now: whoever provides it does not run, or not yet again. It uses no memory, and may be there later; what
 * was in flight is lost.
 */
public final class DeviceAwayException extends VirtioException {

    private static final long serialVersionUID = 1;

    /** Says what happened, in one line. */
    public DeviceAwayException(String message) {
        super(message);
    }
}
