package dev.postern.machine;

/**
 * The machine has stopped and will not come back: its process ended, its socket closed, or it was closed by us. The
 * message is one line that says what happened and, where known, the machine's last words.
 */
public final class MachineDiedException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /**
     * Reports the end of a machine.
     *
     * @param message one line for a person
     * @param cause what was noticed, or null
     */
    public MachineDiedException(String message, Throwable cause) {
        super(message, cause);
    }
}
