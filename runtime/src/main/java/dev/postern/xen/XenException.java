package dev.postern.xen;

/** Xen refused what the guest needs, or handed it what cannot be. The message is one line: what was asked, the answer, the remedy. */
public final class XenException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /**
     * Reports the refusal.
     *
     * @param message one line for a person
     */
    public XenException(String message) {
        super(message);
    }
}
