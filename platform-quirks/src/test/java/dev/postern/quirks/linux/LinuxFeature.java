package dev.postern.quirks.linux;

/**
 * The reserved feature bits that Linux's virtio core reads for itself.
 *
 * <p>Source: include/uapi/linux/virtio_config.h, v6.12.117.
 */
enum LinuxFeature {
    /** VIRTIO_F_VERSION_1, bit 32. */
    VERSION_1,
    /** VIRTIO_F_ACCESS_PLATFORM, bit 33. */
    ACCESS_PLATFORM,
    /** VIRTIO_F_ORDER_PLATFORM, bit 36. */
    ORDER_PLATFORM
}
