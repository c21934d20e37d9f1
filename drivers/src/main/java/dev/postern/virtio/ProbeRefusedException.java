package dev.postern.virtio;

/** The device cannot be driven: it lacks something, offers too little, or the DMA decision refuses. Nothing was started. */
public final class ProbeRefusedException extends VirtioException {

    private static final long serialVersionUID = 1;

    /** Says what happened, in one line. */
    public ProbeRefusedException(String message) {
        super(message);
    }
}
