package dev.postern.attach;

/** The machine cannot be made as it was asked for. The message is one line that says what is wrong and what to do. */
public final class MachineConfigurationException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /**
     * Reports a call that was wrong.
     *
     * @param message one line for a person, with the remedy
     */
    public MachineConfigurationException(String message) {
        super(message);
    }

    /**
     * Reports a call that was wrong.
     *
     * @param message one line for a person, with the remedy
     * @param cause what was noticed
     */
    public MachineConfigurationException(String message, Throwable cause) {
        super(message, cause);
    }
}
