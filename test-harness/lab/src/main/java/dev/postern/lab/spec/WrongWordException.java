package dev.postern.lab.spec;

/** A word is not what it should be; the message is one line with the remedy. */
public final class WrongWordException extends IllegalArgumentException {

    private static final long serialVersionUID = 1;

    /**
     * Says what is wrong.
     *
     * @param message one line for a person, with what to write instead
     */
    public WrongWordException(String message) {
        super(message);
    }
}
