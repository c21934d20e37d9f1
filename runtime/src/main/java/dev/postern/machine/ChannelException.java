package dev.postern.machine;

import java.io.IOException;

/** A channel's other side is not there, has hung up, or does not answer. The message is one line with the remedy. */
public final class ChannelException extends IOException {

    private static final long serialVersionUID = 1;

    /** What went wrong. */
    public enum Reason {
        /** Nobody listens, or the socket is not there. */
        ABSENT,
        /** The system does not let us. */
        REFUSED,
        /** The other side has closed the stream. */
        HUNG_UP,
        /** The deadline has passed. */
        TOO_LATE,
        /** What came is not what a stream of ours can carry. */
        MALFORMED
    }

    private final Reason reason;

    /** Reports trouble. */
    public ChannelException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    /** What went wrong. */
    public Reason reason() {
        return reason;
    }
}
