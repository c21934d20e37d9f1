/** The virtio block device. */
package dev.postern.emulated.blk;
