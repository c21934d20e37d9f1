package dev.postern.virtio.blk;

import dev.postern.virtio.VirtioException;

/** The device does not know the request (status UNSUPP), or did not offer the feature that it needs. */
public final class BlkUnsupportedException extends VirtioException {

    private static final long serialVersionUID = 1;

    BlkUnsupportedException(String message) {
        super(message);
    }
}
