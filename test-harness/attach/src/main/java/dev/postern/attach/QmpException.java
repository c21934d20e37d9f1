package dev.postern.attach;

/** QEMU refused a command of its control protocol. The message holds the command and QEMU's own words. */
public final class QmpException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /**
     * Reports a refused command.
     *
     * @param message one line for a person
     */
    public QmpException(String message) {
        super(message);
    }
}
