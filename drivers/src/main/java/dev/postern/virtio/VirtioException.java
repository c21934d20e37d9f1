package dev.postern.virtio;

import java.io.IOException;

/** A device failed, or a request to it did. The message is one line that names the device. */
public abstract class VirtioException extends IOException {

    private static final long serialVersionUID = 1;

    /** Says what happened, in one line. */
    protected VirtioException(String message) {
        super(message);
    }
}
