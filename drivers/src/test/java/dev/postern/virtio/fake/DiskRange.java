package dev.postern.virtio.fake;

/**
 * One struct virtio_blk_discard_write_zeroes (description.tex of the block device, line 479).
 *
 * @param first sector
 * @param count sectors, 0 to 2^32 - 1
 * @param flags all 32 bits
 */
public record DiskRange(long first, long count, int flags) {}
