package dev.postern.attach;

/** QEMU is not installed here, or what is installed does not run. The message is one line that names the package. */
public final class QemuUnavailableException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /**
     * Reports a missing QEMU.
     *
     * @param message one line for a person, with the remedy
     * @param cause what was noticed, or null
     */
    public QemuUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
