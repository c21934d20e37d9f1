package dev.postern.firmware.fwcfg;

/** The firmware configuration device, or a file of it, makes no sense. The message is one line that names the file. */
public final class FwCfgException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /**
     * Reports the fault.
     *
     * @param message one line for a person
     */
    public FwCfgException(String message) {
        super(message);
    }
}
