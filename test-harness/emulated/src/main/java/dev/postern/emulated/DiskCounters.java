package dev.postern.emulated;

/**
 * Requests that a disk has served, by type, since the machine was built.
 *
 * @param reads VIRTIO_BLK_T_IN
 * @param writes VIRTIO_BLK_T_OUT
 * @param flushes VIRTIO_BLK_T_FLUSH
 * @param idReads VIRTIO_BLK_T_GET_ID
 * @param unsupported every other type
 * @param errors how many of all these were answered with an I/O error
 */
public record DiskCounters(long reads, long writes, long flushes, long idReads, long unsupported, long errors) {}
