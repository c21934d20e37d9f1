package dev.postern.cli;

/** The command was called wrongly: exit status 2. The message is one line that says what is wrong and what to do. */
public final class WrongCallException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /** One line with the remedy. */
    public WrongCallException(String message) {
        super(message);
    }
}
