package dev.postern.virtio.blk;

import dev.postern.virtio.VirtioException;

/** The disk takes no writes; nothing was sent to it. */
public final class BlkReadOnlyException extends VirtioException {

    private static final long serialVersionUID = 1;

    BlkReadOnlyException(String message) {
        super(message);
    }
}
