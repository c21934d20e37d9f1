/** The block device driver (blk): reads, writes, flushes, and a channel over them. */
package dev.postern.virtio.blk;
