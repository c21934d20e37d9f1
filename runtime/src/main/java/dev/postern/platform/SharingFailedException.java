package dev.postern.platform;

/**
 * The platform refused to change pages. What lies before {@link #failedPa()} was changed, the granule there is in an unknown state
 * and must never be used again, and what lies behind it was not touched.
 */
public final class SharingFailedException extends Exception {

    private static final long serialVersionUID = 1;

    private final long failedPa;

    /**
     * Reports a refusal.
     *
     * @param message one line: the act, the page, the platform's answer
     * @param failedPa guest-physical address of the granule whose state is unknown
     */
    public SharingFailedException(String message, long failedPa) {
        super(message);
        this.failedPa = failedPa;
    }

    /** Guest-physical address of the granule whose state is unknown. */
    public long failedPa() {
        return failedPa;
    }
}
