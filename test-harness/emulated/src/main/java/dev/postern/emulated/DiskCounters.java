package dev.postern.emulated;

/**
 * Requests that a disk has served, by type, since the machine was built.
 *
 * @param reads VIRTIO_BLK_T_IN
 * @param writes VIRTIO_BLK_T_OUT
 * @param flushes VIRTIO_BLK_T_FLUSH
 * @param discards VIRTIO_BLK_T_DISCARD, of a driver that negotiated it
 * @param zeroWrites VIRTIO_BLK_T_WRITE_ZEROES, of a driver that negotiated it
 * @param secureErases VIRTIO_BLK_T_SECURE_ERASE, of a driver that negotiated it
 * @param idReads VIRTIO_BLK_T_GET_ID
 * @param lifetimeReads VIRTIO_BLK_T_GET_LIFETIME, of a driver that negotiated it
 * @param unsupported how many of all these, and of all other types, were answered as unsupported
 * @param errors how many of all these were answered with an I/O error
 */
public record DiskCounters(
        long reads,
        long writes,
        long flushes,
        long discards,
        long zeroWrites,
        long secureErases,
        long idReads,
        long lifetimeReads,
        long unsupported,
        long errors) {

    /** Of a disk that was asked nothing. */
    public static final DiskCounters NONE = new DiskCounters(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}
