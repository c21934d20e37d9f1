package dev.postern.platform;

/** The guest runs on a secure platform that it cannot drive; going on would expose its memory. The message names the facts. */
public final class UnknownPlatformException extends Exception {

    private static final long serialVersionUID = 1;

    /** Says what was found, in one line. */
    public UnknownPlatformException(String message) {
        super(message);
    }
}
