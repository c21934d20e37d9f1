package dev.postern.app;

import java.io.IOException;

/** The guest lacks what an application needs; the message says what to add. */
public final class ApplicationException extends IOException {

    private static final long serialVersionUID = 1;

    /** Says what is missing, in one line. */
    public ApplicationException(String message) {
        super(message);
    }
}
