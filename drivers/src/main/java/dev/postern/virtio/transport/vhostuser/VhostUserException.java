package dev.postern.virtio.transport.vhostuser;

/** The back-end is not there, broke the protocol, or did not answer in time. The message is one line that ends in the remedy. */
final class VhostUserException extends Exception {

    private static final long serialVersionUID = 1;

    /** What went wrong, as far as it matters for what to do next. */
    enum Kind {
        /** It has closed the stream: one that is started again may do better. */
        HUNG_UP,
        /** It did not answer in time. */
        SILENT,
        /** It said something that it must not say. */
        BROKEN,
        /** It said no. */
        REFUSED
    }

    private final Kind kind;

    VhostUserException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    Kind kind() {
        return kind;
    }
}
