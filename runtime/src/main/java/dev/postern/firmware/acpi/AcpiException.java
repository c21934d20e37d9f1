package dev.postern.firmware.acpi;

/** An ACPI table is malformed. The message is one line that names the table, its address and what is wrong. */
public final class AcpiException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /**
     * Reports a malformed table.
     *
     * @param message one line for a person
     */
    public AcpiException(String message) {
        super(message);
    }
}
