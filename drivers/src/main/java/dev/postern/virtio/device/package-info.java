/** The life of a device from reset to live and back: the status machine, configuration reads, and waiting. */
package dev.postern.virtio.device;
