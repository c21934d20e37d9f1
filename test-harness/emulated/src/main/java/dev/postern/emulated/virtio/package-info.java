/**
 * The device side of virtio 1.4, written from the specification: status and features, the PCI transport, split and packed
 * rings. It shares no line with any driver.
 */
package dev.postern.emulated.virtio;
