package dev.postern.virtio.blk;

import dev.postern.dma.DmaDirection;

/** What a request asks of the device (blk:560, "Device Operation"). */
enum BlkOperation {
    READ(0, DmaDirection.FROM_DEVICE),
    WRITE(1, DmaDirection.TO_DEVICE),
    FLUSH(4, DmaDirection.TO_DEVICE),
    GET_ID(8, DmaDirection.FROM_DEVICE);

    private final int type;
    private final DmaDirection direction;

    BlkOperation(int type, DmaDirection direction) {
        this.type = type;
        this.direction = direction;
    }

    int type() {
        return type;
    }

    /** Who writes the data; without meaning for FLUSH, which has none. */
    DmaDirection direction() {
        return direction;
    }
}
