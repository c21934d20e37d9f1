package dev.postern.quirks.linux;

/**
 * The DMA mask that Linux's transports set: every address bit, whatever the device drives.
 *
 * <p>Source, v6.12.117: vp_legacy_probe() in drivers/virtio/virtio_pci_legacy_dev.c, vp_modern_probe() in virtio_pci_modern_dev.c
 * (its dma_mask is set by vDPA drivers alone), virtio_mmio_probe() in virtio_mmio.c: DMA_BIT_MASK(64), then 32 when that fails; the
 * legacy ones limit only the coherent mask, to 44 bits. Only a limit of the bus, dev->bus_dma_limit, makes it less.
 */
final class VirtioDmaMask {

    /** Bits of the streaming mask. */
    static final int STREAMING_BITS = 64;

    private VirtioDmaMask() {}
}
