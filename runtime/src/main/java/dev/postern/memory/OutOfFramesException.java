package dev.postern.memory;

/**
 * No run of free frames satisfies a request. The message names the size, the constraint, how much is free and the
 * largest free run, so that a person sees whether memory is short, fragmented, or only short below the limit.
 */
public final class OutOfFramesException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /**
     * Reports the refused request.
     *
     * @param message one line for a person
     */
    public OutOfFramesException(String message) {
        super(message);
    }
}
