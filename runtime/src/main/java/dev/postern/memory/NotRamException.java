package dev.postern.memory;

/** An address range that was taken for RAM does not lie inside one RAM region. The message names range and RAM. */
public final class NotRamException extends IllegalArgumentException {

    private static final long serialVersionUID = 1;

    /**
     * Reports the range.
     *
     * @param message one line for a person
     */
    public NotRamException(String message) {
        super(message);
    }
}
