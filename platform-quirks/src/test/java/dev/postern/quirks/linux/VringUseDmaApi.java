package dev.postern.quirks.linux;

import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;
import java.util.Set;

/**
 * Whether the ring maps through the DMA API.
 *
 * <p>Source: vring_use_dma_api() in drivers/virtio/virtio_ring.c and virtio_has_dma_quirk() in include/linux/virtio_config.h,
 * v6.12.117; v6.18 calls it vring_use_map_api(), with the same conditions.
 */
final class VringUseDmaApi {

    private VringUseDmaApi() {}

    /** Whether it does. */
    static boolean uses(FactSheet sheet, Set<LinuxFeature> accepted) {
        return accepted.contains(LinuxFeature.ACCESS_PLATFORM) || !sheet.is(FactName.XEN, "none");
    }
}
