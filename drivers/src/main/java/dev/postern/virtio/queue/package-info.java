/**
 * Virtqueues, driver side: where buffers are handed to a device, and where what the device says of them is validated.
 *
 * <p>Nothing in a ring that the device can write is believed, and nothing the driver wrote there is read back: free list,
 * chains and lengths live in private arrays. Every check is made here, once, in a method named for it; no driver repeats
 * it.
 */
package dev.postern.virtio.queue;
