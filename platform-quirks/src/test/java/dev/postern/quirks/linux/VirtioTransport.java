package dev.postern.quirks.linux;

import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;

/**
 * What the transports of Linux differ in, as far as memory accesses go.
 *
 * <p>Source, v6.12.117: drivers/virtio/virtio_pci_legacy.c (vp_get_features(): 32 bits; setup_vq(): a queue's address is a 32-bit
 * page number), virtio_pci_modern.c, virtio_mmio.c (vm_setup_vq(): the same for version 1), drivers/s390/virtio/virtio_ccw.c.
 * The interface vhost-user is a transport of Linux only in arch/um/drivers/virtio_uml.c, which is not encoded: it counts as modern
 * here.
 */
final class VirtioTransport {

    /** Bits of the address of a queue in the legacy interfaces: a 32-bit number of a page of 4 KiB. */
    private static final int LEGACY_RING_BITS = 44;

    private VirtioTransport() {}

    /** Whether the device is a PCI function, which dev_is_pci() tells. */
    static boolean isPci(FactSheet sheet) {
        return sheet.value(FactName.TRANSPORT).endsWith("-pci");
    }

    /** Whether the interface is the one of before virtio 1.0, with 32 feature bits. */
    static boolean isLegacy(FactSheet sheet) {
        return sheet.value(FactName.TRANSPORT).startsWith("legacy-");
    }

    /** Whether a ring outside the DMA API may lie where the transport's register does not reach. */
    static RingFit ringFit(FactSheet sheet) {
        return isLegacy(sheet) && sheet.number(FactName.RAM_BITS) > LEGACY_RING_BITS
                ? RingFit.MAY_BE_REFUSED
                : RingFit.FITS;
    }
}
