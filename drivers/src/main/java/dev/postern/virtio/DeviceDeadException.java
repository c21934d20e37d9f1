package dev.postern.virtio;

/** The device did not even come out of reset. Its buffers are quarantined: never unmapped, never reused. */
public final class DeviceDeadException extends VirtioException {

    private static final long serialVersionUID = 1;

    /** Says what happened, in one line. */
    public DeviceDeadException(String message) {
        super(message);
    }
}
