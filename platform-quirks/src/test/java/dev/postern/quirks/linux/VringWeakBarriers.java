package dev.postern.quirks.linux;

import java.util.Set;

/**
 * Which barriers a ring uses: all transports ask for weak ones, and ORDER_PLATFORM overrides them.
 *
 * <p>Source: __vring_new_virtqueue() and vring_create_virtqueue_packed() in drivers/virtio/virtio_ring.c, v6.12.117.
 */
final class VringWeakBarriers {

    private VringWeakBarriers() {}

    /** The barriers. */
    static Barriers of(Set<LinuxFeature> accepted) {
        return accepted.contains(LinuxFeature.ORDER_PLATFORM) ? Barriers.DEVICE : Barriers.WEAK;
    }
}
