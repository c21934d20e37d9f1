package dev.postern.virtio;

/** The device broke its protocol or asked for a reset. It answers again after it was reset; what was in flight is lost. */
public final class DeviceBrokenException extends VirtioException {

    private static final long serialVersionUID = 1;

    /** Says what happened, in one line. */
    public DeviceBrokenException(String message) {
        super(message);
    }
}
