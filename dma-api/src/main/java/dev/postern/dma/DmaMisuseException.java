package dev.postern.dma;

/**
 * A caller broke the rules of the DMA API, or a device wrote where it had been given nothing, or kept what it had been given. It is
 * a defect in the code that called, or in the device, never a condition to recover from. The message begins with one line that says what was
 * wrong; more lines may follow with the places in the code.
 */
public final class DmaMisuseException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /** Reports it. */
    public DmaMisuseException(String message) {
        super(message);
    }
}
