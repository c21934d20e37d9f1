package dev.postern.emulated;

/** A machine that cannot be built as described. The message is one line that says what is wrong and what to do. */
public final class MachineConfigurationException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /** One line with the remedy. */
    public MachineConfigurationException(String message) {
        super(message);
    }

    /** One line with the remedy, and what was noticed. */
    public MachineConfigurationException(String message, Throwable cause) {
        super(message, cause);
    }
}
