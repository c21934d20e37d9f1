/** The seam between drivers and the bus their device is on. Each transport has a package of its own below this one. */
package dev.postern.virtio.transport;
