package dev.postern.os;

import java.io.IOException;

/** A stream socket cannot be opened or used. The message says what happened, without a remedy: only the caller knows who is behind it. */
public final class StreamException extends IOException {

    private static final long serialVersionUID = 1;

    /** What happened. */
    public enum Reason {
        /** There is no socket of this name. */
        ABSENT,
        /** There is one, and nobody listens. */
        NOBODY_LISTENS,
        /** The system does not let us. */
        NOT_PERMITTED,
        /** The other side has closed the stream. */
        HUNG_UP,
        /** The deadline has passed. */
        TOO_LATE,
        /** More descriptors came than a stream takes. */
        MALFORMED
    }

    private final Reason reason;

    StreamException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    /** What happened. */
    public Reason reason() {
        return reason;
    }
}
