/** Virtio over PCI, modern interface (transport-pci). */
package dev.postern.virtio.transport.pci;
