package dev.postern.lab.backend;

/** What a back-end cannot go on after: it says so and drops the connection, as QEMU's storage daemon does. */
final class PanicException extends Exception {

    private static final long serialVersionUID = 1;

    PanicException(String message) {
        super(message);
    }
}
