package dev.postern.bus.pci;

/** Something about the bus or a function makes a request impossible. The message is one line with the function's name. */
public sealed class PciException extends RuntimeException permits PciAlreadyClaimedException {

    private static final long serialVersionUID = 1;

    /**
     * Reports the reason.
     *
     * @param message one line for a person
     */
    public PciException(String message) {
        super(message);
    }
}
