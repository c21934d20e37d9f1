package dev.postern.emulated.mischief;

/** What a driver asks a disk to do. */
public enum DiskOperation {
    /** VIRTIO_BLK_T_IN */
    READ,
    /** VIRTIO_BLK_T_OUT */
    WRITE,
    /** VIRTIO_BLK_T_FLUSH, which is of all sectors. */
    FLUSH,
    /** VIRTIO_BLK_T_DISCARD */
    DISCARD,
    /** VIRTIO_BLK_T_WRITE_ZEROES */
    WRITE_ZEROES,
    /** VIRTIO_BLK_T_SECURE_ERASE */
    SECURE_ERASE
}
