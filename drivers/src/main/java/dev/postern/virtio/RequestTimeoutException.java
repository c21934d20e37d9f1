package dev.postern.virtio;

/** A request passed its deadline. The device has been reset since; whether it carried the request out is not known. */
public final class RequestTimeoutException extends VirtioException {

    private static final long serialVersionUID = 1;

    /** Says what happened, in one line. */
    public RequestTimeoutException(String message) {
        super(message);
    }
}
