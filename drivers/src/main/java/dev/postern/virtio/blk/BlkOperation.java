package dev.postern.virtio.blk;

import dev.postern.dma.DmaDirection;

/** What a request asks of the device (blk:452). */
enum BlkOperation {
    READ(0, DmaDirection.FROM_DEVICE),
    WRITE(1, DmaDirection.TO_DEVICE),
    FLUSH(4, DmaDirection.TO_DEVICE),
    GET_ID(8, DmaDirection.FROM_DEVICE),
    GET_LIFETIME(10, DmaDirection.FROM_DEVICE),
    DISCARD(11, DmaDirection.TO_DEVICE),
    WRITE_ZEROES(13, DmaDirection.TO_DEVICE),
    SECURE_ERASE(14, DmaDirection.TO_DEVICE);

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

    /** Whether a success means that all of the buffer was written; a name may be shorter. */
    boolean fillsAll() {
        return this == READ || this == GET_LIFETIME;
    }
}
