package dev.postern.virtio.blk;

import dev.postern.virtio.VirtioException;

/** The request reaches past the end of the disk, or is not in whole sectors; nothing was sent to it. */
public final class BlkRangeException extends VirtioException {

    private static final long serialVersionUID = 1;

    BlkRangeException(String message) {
        super(message);
    }
}
