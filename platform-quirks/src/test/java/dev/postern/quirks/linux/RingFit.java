package dev.postern.quirks.linux;

/** Whether the transport's register holds the address of a ring wherever the ring was allocated. */
enum RingFit {
    /** Always. */
    FITS,
    /** Not above 16 TiB: setup_vq() then fails with -E2BIG ("platform bug: legacy virtio-..."). */
    MAY_BE_REFUSED
}
