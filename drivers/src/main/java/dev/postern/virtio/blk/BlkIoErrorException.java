package dev.postern.virtio.blk;

import dev.postern.virtio.VirtioException;

/** The device could not carry a request out: its medium or host reported an error (status IOERR). */
public final class BlkIoErrorException extends VirtioException {

    private static final long serialVersionUID = 1;

    BlkIoErrorException(String message) {
        super(message);
    }
}
